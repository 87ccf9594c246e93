#include "cli/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "domain/errors.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"

namespace marac::cli {
namespace {

// Ids are in lower case, so capitals tell a case number ("MK-26-7QX4-K") from an id.
bool IsCaseNumber(std::string_view text) {
  return std::count(text.begin(), text.end(), '-') == 3 && text.front() >= 'A' && text.front() <= 'Z';
}

std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('/', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

absl::StatusOr<std::string> RecordName(Client& client, std::string_view collection, std::string_view text) {
  const std::vector<std::string_view> parts = Parts(text);
  if (parts.size() == 1 && !text.empty()) {
    ASSIGN_OR_RETURN(const std::string area, client.Area());
    return fmt::format("{}/{}/{}", area, collection, text);
  }
  if (parts.size() == 4 && parts[0] == "areas" && parts[2] == collection && !parts[1].empty() &&
      !parts[3].empty()) {
    return std::string(text);
  }
  return domain::InvalidField("name", fmt::format("give areas/AREA/{}/ID, or ID alone", collection));
}

absl::StatusOr<std::string> CaseName(Client& client, std::string_view text) {
  if (text.empty() || !IsCaseNumber(text)) return RecordName(client, "cases", text);
  v1::ListCasesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_page_size(kPageSizeMax);
  for (;;) {
    ASSIGN_OR_RETURN(const v1::ListCasesResponse page,
                     client.Call(&v1::CaseService::Stub::ListCases, request));
    for (const v1::Case& found : page.cases()) {
      if (found.case_number() == text) return found.name();
    }
    if (page.next_page_token().empty()) return domain::NotFoundOrNotOpen(text);
    request.set_page_token(page.next_page_token());
  }
}

std::string AgencyName(std::string_view text) {
  if (text.empty() || text.find('/') != std::string_view::npos) return std::string(text);
  return fmt::format("agencies/{}", text);
}

absl::StatusOr<v1::Account> FindAccount(Client& client, std::string_view text) {
  v1::ListAccountsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListAccountsResponse accounts,
                   client.List(&v1::DirectoryService::Stub::ListAccounts, request,
                               &v1::ListAccountsResponse::accounts, /*limit=*/0));
  for (const v1::Account& account : accounts.accounts()) {
    if (account.name() == text || account.login() == text || LastId(account.name()) == text) return account;
  }
  return domain::NotFoundOrNotOpen(text);
}

absl::StatusOr<std::string> AccountName(Client& client, std::string_view text) {
  if (text.starts_with("accounts/")) return std::string(text);
  ASSIGN_OR_RETURN(const v1::Account account, FindAccount(client, text));
  return account.name();
}

absl::StatusOr<v1::AgendaItem> FindAgendaItem(Client& client, std::string_view text) {
  const std::vector<std::string_view> parts = Parts(text);
  std::string meeting;
  if (parts.size() == 6 && parts[4] == "agendaItems") {
    meeting = std::string(text.substr(0, text.find("/agendaItems/")));
  } else if (parts.size() == 2) {
    ASSIGN_OR_RETURN(meeting, RecordName(client, "meetings", parts[0]));
  } else {
    return domain::InvalidField(
        "name", "give areas/AREA/meetings/MEETING/agendaItems/ITEM, MEETING/ITEM or MEETING/CASE-NUMBER");
  }
  v1::GetAgendaRequest request;
  request.set_name(meeting);
  ASSIGN_OR_RETURN(const v1::Agenda agenda, client.Call(&v1::MeetingService::Stub::GetAgenda, request));
  for (const v1::AgendaItem& item : agenda.items()) {
    if (LastId(item.name()) == parts.back() || item.case_number() == parts.back()) return item;
  }
  return domain::NotFoundOrNotOpen(text);
}

}  // namespace marac::cli
