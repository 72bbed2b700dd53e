//! The `muavu` program: everything is in the library, see `muavu::cli`.

use std::process::ExitCode;

use libmimalloc_sys::{mi_option_set_default, mi_option_t};
use mimalloc::MiMalloc;

/// Gives memory back between flushes, which glibc keeps in an arena for each thread: see
/// `decisions/0009-stream.md`, "Memory".
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3: the milliseconds for which freed memory is kept, 1,000 when
/// nobody says otherwise (`mimalloc.h`). The crate has no name for it. None are kept here: what a
/// thread leaves behind is given back only when somebody asks for memory there again.
const PURGE_DELAY: mi_option_t = 15;

fn main() -> ExitCode {
    // SAFETY: mimalloc asks for this to be called while there is one thread, as here. Whoever sets
    // MIMALLOC_PURGE_DELAY has the last word.
    #[allow(unsafe_code)]
    unsafe {
        mi_option_set_default(PURGE_DELAY, 0);
    }
    muavu::cli::main()
}
