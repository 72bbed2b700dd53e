//! The `muavu` program: everything is in the library, see `muavu::cli`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Gives memory back between flushes, which glibc keeps in an arena for each thread: see
/// `decisions/0009-stream.md`, "Memory".
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    muavu::cli::main()
}
