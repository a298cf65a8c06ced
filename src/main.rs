use std::process::ExitCode;

/// Extraction allocates and frees many small strings on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gristmill::cli::main()
}
