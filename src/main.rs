//! The `muavu` program: everything is in the library, see `muavu::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    muavu::cli::main()
}
