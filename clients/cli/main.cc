#include "cli/app.h"
#include "cli/connection.h"

int main(int argc, char** argv) {
  marac::cli::PrepareProcess();
  marac::cli::Terminal terminal;
  return marac::cli::RunMarac(argc, argv, terminal);
}
