#include "base/pki.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace marac::pki {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

constexpr size_t kPemBytesMax = 64 << 10;
constexpr absl::Duration kRootLifetime = absl::Hours(20 * 365 * 24);
constexpr absl::Duration kIntermediateLifetime = absl::Hours(5 * 365 * 24);
// Agencies' clocks are not all right: a certificate made now must be good on a machine that is a little
// behind.
constexpr absl::Duration kClockAllowance = absl::Minutes(10);

// OpenSSL's own text never holds a secret, but it says little to an operator; it follows our sentence.
absl::Status OpenSslError(std::string_view what) {
  char reason[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return absl::InternalError(fmt::format("{}: OpenSSL says {}", what, reason));
}

Bio ReadOnlyBio(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string_view BytesOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<Key> NewKey() {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpenSslError("a key could not be made");
  return key;
}

absl::StatusOr<Secret> KeyToPem(EVP_PKEY* key) {
  // Secure memory BIOs are wiped when freed; a plain one would leave the key behind in the heap.
  Bio bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslError("a key could not be written as PEM");
  }
  return Secret(BytesOf(bio.get()));
}

// Without this, OpenSSL asks the terminal for the passphrase of an encrypted key, and a server would hang.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<Key> KeyFromPem(const Secret& pem, std::string_view name) {
  Key key(PEM_read_bio_PrivateKey(ReadOnlyBio(pem.Reveal()).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("{}: does not hold a private key in PEM form without a passphrase", name));
  }
  return key;
}

absl::StatusOr<std::string> CertificateToPem(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return OpenSslError("a certificate could not be written as PEM");
  }
  return std::string(BytesOf(bio.get()));
}

absl::StatusOr<Certificate> CertificateFromPem(std::string_view pem, std::string_view name) {
  Certificate certificate(PEM_read_bio_X509(ReadOnlyBio(pem).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) {
    return absl::FailedPreconditionError(fmt::format("{}: does not hold a certificate in PEM form", name));
  }
  return certificate;
}

absl::Time FromAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTimeT(timegm(&parts));
}

bool OnlyHas(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || extra.find(c) != std::string_view::npos;
  });
}

absl::Status CheckOrigin(std::string_view origin) {
  if (origin.empty() || origin.size() > 128 || !OnlyHas(origin, ".-")) {
    return absl::InvalidArgumentError(fmt::format(
        "area_origin: give lower-case letters, digits, dots and hyphens, at most 128, for instance "
        "marac.milton-keynes"));
  }
  return absl::OkStatus();
}

absl::Status CheckId(std::string_view what, std::string_view id) {
  if (id.empty() || id.size() > 64 || !OnlyHas(id, "-")) {
    return absl::InvalidArgumentError(
        fmt::format("{}: give lower-case letters, digits and hyphens, 1 to 64 of them", what));
  }
  return absl::OkStatus();
}

// What tells one kind of certificate from another.
struct Template {
  std::string common_name;
  std::string organisation;
  absl::Time now;
  absl::Duration lifetime;
  const char* basic_constraints;
  const char* key_usage;
  const char* extended_key_usage;  // Null for an authority.
  Names alternative_names;         // Null for an authority.
};

absl::Status AddExtension(X509* certificate, X509V3_CTX* context, int nid, const char* value) {
  Extension extension(X509V3_EXT_conf_nid(nullptr, context, nid, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpenSslError("a certificate's extension could not be made");
  }
  return absl::OkStatus();
}

bool SetName(X509_NAME* name, const std::string& common_name, const std::string& organisation) {
  const auto add = [name](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  return add("O", organisation) && add("CN", common_name);
}

bool SetRandomSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] =
      static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // Positive, and always of the same length.
  std::unique_ptr<BIGNUM, Freer<BN_free>> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// Makes the certificate of `key` by this template. `issuer` and `issuer_key` are null for a root, which signs
// itself.
absl::StatusOr<Certificate> Sign(const Template& from, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  const absl::Time end = from.now + from.lifetime;
  if (issuer != nullptr && FromAsn1(X509_get0_notAfter(issuer)) < end) {
    return absl::FailedPreconditionError(
        "the signing certificate would end before the new one; make a new intermediate from the root first");
  }
  Certificate certificate(X509_new());
  X509* const x = certificate.get();
  if (x == nullptr || X509_set_version(x, X509_VERSION_3) != 1 || !SetRandomSerial(x) ||
      ASN1_TIME_set(X509_getm_notBefore(x), absl::ToTimeT(from.now - kClockAllowance)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(x), absl::ToTimeT(end)) == nullptr || X509_set_pubkey(x, key) != 1 ||
      !SetName(X509_get_subject_name(x), from.common_name, from.organisation) ||
      X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer : x)) != 1) {
    return OpenSslError("a certificate could not be made");
  }
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer != nullptr ? issuer : x, x, nullptr, nullptr, 0);
  RETURN_IF_ERROR(AddExtension(x, &context, NID_basic_constraints, from.basic_constraints));
  RETURN_IF_ERROR(AddExtension(x, &context, NID_key_usage, from.key_usage));
  RETURN_IF_ERROR(AddExtension(x, &context, NID_subject_key_identifier, "hash"));
  RETURN_IF_ERROR(AddExtension(x, &context, NID_authority_key_identifier, "keyid:always"));
  if (from.extended_key_usage != nullptr) {
    RETURN_IF_ERROR(AddExtension(x, &context, NID_ext_key_usage, from.extended_key_usage));
  }
  // Names go in as values, not through OpenSSL's configuration language, which has a syntax of its own.
  if (from.alternative_names != nullptr &&
      X509_add1_ext_i2d(x, NID_subject_alt_name, from.alternative_names.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return OpenSslError("a certificate's names could not be added");
  }
  if (X509_sign(x, issuer_key != nullptr ? issuer_key : key, EVP_sha256()) == 0) {
    return OpenSslError("a certificate could not be signed");
  }
  return certificate;
}

bool AddIa5Name(GENERAL_NAMES* names, int type, std::string_view text) {
  std::unique_ptr<GENERAL_NAME, Freer<GENERAL_NAME_free>> name(GENERAL_NAME_new());
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return false;
  (void)name.release();
  return true;
}

bool AddAddress(GENERAL_NAMES* names, const std::string& text) {
  std::unique_ptr<GENERAL_NAME, Freer<GENERAL_NAME_free>> name(GENERAL_NAME_new());
  ASN1_OCTET_STRING* value = a2i_IPADDRESS(text.c_str());
  if (name == nullptr || value == nullptr) {
    ASN1_OCTET_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), GEN_IPADD, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return false;
  (void)name.release();
  return true;
}

bool IsNumericAddress(const std::string& text) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), buffer) == 1 || inet_pton(AF_INET6, text.c_str(), buffer) == 1;
}

std::string OrganisationOf(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
  if (index < 0) return "";
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

absl::StatusOr<Identity> IssueLeaf(const Identity& intermediate, const std::string& common_name, Names names,
                                   const char* extended_key_usage, absl::Time now, absl::Duration lifetime) {
  RETURN_IF_ERROR(CheckKeyPair(intermediate, "the authority's key", "the authority's certificate"));
  ASSIGN_OR_RETURN(const Key issuer_key, KeyFromPem(intermediate.key_pem, "the authority's key"));
  ASSIGN_OR_RETURN(const Certificate issuer,
                   CertificateFromPem(intermediate.certificates_pem, "the authority's certificate"));
  if (X509_check_ca(issuer.get()) != 1) {
    return absl::FailedPreconditionError(
        "the authority's certificate may not sign others; give intermediate.pem");
  }
  ASSIGN_OR_RETURN(const Key key, NewKey());
  const Template leaf{.common_name = common_name,
                      .organisation = OrganisationOf(issuer.get()),
                      .now = now,
                      .lifetime = lifetime,
                      .basic_constraints = "critical,CA:FALSE",
                      .key_usage = "critical,digitalSignature",
                      .extended_key_usage = extended_key_usage,
                      .alternative_names = std::move(names)};
  ASSIGN_OR_RETURN(const Certificate certificate, Sign(leaf, key.get(), issuer.get(), issuer_key.get()));
  Identity identity;
  ASSIGN_OR_RETURN(identity.key_pem, KeyToPem(key.get()));
  ASSIGN_OR_RETURN(identity.certificates_pem, CertificateToPem(certificate.get()));
  ASSIGN_OR_RETURN(const std::string issuer_pem, CertificateToPem(issuer.get()));
  identity.certificates_pem += issuer_pem;
  return identity;
}

absl::Status Write(const Identity& identity, const std::string& folder, std::string_view name,
                   IfExists if_exists) {
  RETURN_IF_ERROR(
      WriteFileDurably(fmt::format("{}/{}.key", folder, name), identity.key_pem.Reveal(), 0600, if_exists));
  return WriteFileDurably(fmt::format("{}/{}.pem", folder, name), identity.certificates_pem, 0644, if_exists);
}

}  // namespace

absl::StatusOr<Authority> CreateAuthority(std::string_view origin, absl::Time now) {
  RETURN_IF_ERROR(CheckOrigin(origin));
  ASSIGN_OR_RETURN(const Key root_key, NewKey());
  ASSIGN_OR_RETURN(const Key intermediate_key, NewKey());
  const Template root{.common_name = "Root",
                      .organisation = std::string(origin),
                      .now = now,
                      .lifetime = kRootLifetime,
                      .basic_constraints = "critical,CA:TRUE,pathlen:1",
                      .key_usage = "critical,keyCertSign",
                      .extended_key_usage = nullptr,
                      .alternative_names = nullptr};
  ASSIGN_OR_RETURN(const Certificate root_certificate, Sign(root, root_key.get(), nullptr, nullptr));
  const Template intermediate{.common_name = "Intermediate",
                              .organisation = std::string(origin),
                              .now = now,
                              .lifetime = kIntermediateLifetime,
                              .basic_constraints = "critical,CA:TRUE,pathlen:0",
                              .key_usage = "critical,keyCertSign",
                              .extended_key_usage = nullptr,
                              .alternative_names = nullptr};
  ASSIGN_OR_RETURN(const Certificate intermediate_certificate,
                   Sign(intermediate, intermediate_key.get(), root_certificate.get(), root_key.get()));
  Authority authority;
  ASSIGN_OR_RETURN(authority.root.key_pem, KeyToPem(root_key.get()));
  ASSIGN_OR_RETURN(authority.root.certificates_pem, CertificateToPem(root_certificate.get()));
  ASSIGN_OR_RETURN(authority.intermediate.key_pem, KeyToPem(intermediate_key.get()));
  ASSIGN_OR_RETURN(authority.intermediate.certificates_pem, CertificateToPem(intermediate_certificate.get()));
  return authority;
}

absl::StatusOr<Identity> IssueServer(const Identity& intermediate, const std::vector<std::string>& names,
                                     absl::Time now, absl::Duration lifetime) {
  if (names.empty() || names.size() > 32) {
    return absl::InvalidArgumentError("names: give 1 to 32 DNS names or addresses that clients will use");
  }
  Names alternative_names(GENERAL_NAMES_new());
  for (const std::string& name : names) {
    const bool is_address = IsNumericAddress(name);
    if (!is_address && (name.empty() || name.size() > 253 || !OnlyHas(name, ".-"))) {
      return absl::InvalidArgumentError(
          "names: each is a DNS name in lower case or a numeric address, without a port");
    }
    if (!(is_address ? AddAddress(alternative_names.get(), name)
                     : AddIa5Name(alternative_names.get(), GEN_DNS, name))) {
      return OpenSslError("a server's name could not be added");
    }
  }
  return IssueLeaf(intermediate, "maracd", std::move(alternative_names), "serverAuth,clientAuth", now,
                   lifetime);
}

absl::StatusOr<Identity> IssueProgram(const Identity& intermediate, std::string_view origin,
                                      std::string_view agency, std::string_view program, absl::Time now,
                                      absl::Duration lifetime) {
  RETURN_IF_ERROR(CheckOrigin(origin));
  RETURN_IF_ERROR(CheckId("agency", agency));
  RETURN_IF_ERROR(CheckId("program", program));
  Names names(GENERAL_NAMES_new());
  if (!AddIa5Name(names.get(), GEN_URI,
                  fmt::format("spiffe://{}/agency/{}/program/{}", origin, agency, program))) {
    return OpenSslError("a program's name could not be added");
  }
  return IssueLeaf(intermediate, std::string(program), std::move(names), "clientAuth", now, lifetime);
}

absl::Status WriteAuthority(const Authority& authority, const std::string& folder) {
  RETURN_IF_ERROR(Write(authority.root, folder, "root", IfExists::kRefuse));
  return Write(authority.intermediate, folder, "intermediate", IfExists::kRefuse);
}

absl::Status WriteIdentity(const Identity& identity, const std::string& folder, std::string_view name,
                           IfExists if_exists) {
  return Write(identity, folder, name, if_exists);
}

absl::StatusOr<Secret> ReadPrivateKey(const std::string& path) {
  const auto in_file = [&path](const absl::Status& status) {
    return absl::Status(status.code(), fmt::format("key file {}: {}", path, std::string(status.message())));
  };
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return in_file(absl::ErrnoToStatus(errno, "cannot be opened"));
  if (const absl::Status status = CheckHoldsSecret(file); !status.ok()) return in_file(status);
  std::string pem(kPemBytesMax, '\0');
  const absl::StatusOr<size_t> size = ReadUpTo(file, pem.data(), pem.size());
  if (!size.ok()) return in_file(size.status());
  if (*size > pem.size()) return in_file(absl::FailedPreconditionError("is too long for a key"));
  Secret key_pem(std::string_view(pem).substr(0, *size));
  WipeString(pem);
  return key_pem;
}

absl::StatusOr<Identity> ReadIdentity(const std::string& key_file, const std::string& certificate_file) {
  Identity identity;
  ASSIGN_OR_RETURN(identity.key_pem, ReadPrivateKey(key_file));
  ASSIGN_OR_RETURN(identity.certificates_pem, ReadSmallFile(certificate_file, kPemBytesMax));
  RETURN_IF_ERROR(CheckKeyPair(identity, key_file, certificate_file));
  return identity;
}

absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view pem) {
  ASSIGN_OR_RETURN(const Certificate certificate, CertificateFromPem(pem, "the text"));
  CertificateFacts facts;
  ASSIGN_OR_RETURN(facts.fingerprint, FingerprintOfPem(pem));
  facts.not_before = FromAsn1(X509_get0_notBefore(certificate.get()));
  facts.not_after = FromAsn1(X509_get0_notAfter(certificate.get()));
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_URI) continue;
    facts.uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<size_t>(ASN1_STRING_length(value)));
    break;
  }
  return facts;
}

std::string FingerprintOfDer(std::string_view der) { return Hex(Sha256(der)); }

absl::StatusOr<std::string> FingerprintOfPem(std::string_view pem) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(ReadOnlyBio(pem).get(), &name, &header, &data, &size) == 1;
  const bool is_certificate = read && std::string_view(name) == PEM_STRING_X509;
  std::string fingerprint;
  if (is_certificate) {
    fingerprint = FingerprintOfDer({reinterpret_cast<const char*>(data), static_cast<size_t>(size)});
  }
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  ERR_clear_error();
  if (!is_certificate)
    return absl::InvalidArgumentError("the text does not begin with a certificate in PEM form");
  return fingerprint;
}

absl::Status CheckKeyPair(const Identity& identity, std::string_view key_name,
                          std::string_view certificate_name) {
  ASSIGN_OR_RETURN(const Key key, KeyFromPem(identity.key_pem, key_name));
  ASSIGN_OR_RETURN(const Certificate certificate,
                   CertificateFromPem(identity.certificates_pem, certificate_name));
  char group[64] = "";
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != SN_X9_62_prime256v1) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: is not an ECDSA P-256 key; no other kind is accepted, because it could weaken TLS", key_name));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(
        fmt::format("{}: does not belong to the certificate in {}", key_name, certificate_name));
  }
  return absl::OkStatus();
}

}  // namespace marac::pki
