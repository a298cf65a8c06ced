//! The roof: one file a command, and the only place that prints. Data goes to stdout, messages to stderr.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::error::{Context, Error, Result};

pub use crate::report::visible as escape;

mod blocks;
mod build;
mod compare;
mod decontaminate;
mod dedup;
mod explain;
mod extract;
mod filters;
mod inspect;
mod language;
mod links;
mod pages;
mod plan;
mod progress;
mod report;
mod score;
mod select;
mod signals;
mod task;
mod texts;
mod train;
mod verify;

const AFTER_HELP: &str = "Exit codes: 0 done; 1 error; 2 usage or recipe; 3 --strict and something was skipped; 4 output folder in use; 5 an input changed while it was read, under a finished build or since `plan --start`, or the folder holds files that are not of a build; 130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP.";

/// Builds language-model training sets as GPT, GPT-2 and GPT-3 did: crawl in; filtered, de-duplicated, blended shards out.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Threads to work with [default: one a processor].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Machine-readable output on stdout where a script would want it.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    Build(build::Arguments),
    Plan(plan::Arguments),
    Train(train::Arguments),
    Dedup(dedup::Arguments),
    Decontaminate(decontaminate::Arguments),
    Extract(extract::Arguments),
    Inspect(inspect::Arguments),
    Language(language::Arguments),
    Links(links::Arguments),
    Select(select::Arguments),
    Task(task::TaskArguments),
    Merge(task::MergeArguments),
    Explain(explain::Arguments),
    Verify(verify::Arguments),
    Report(report::Arguments),
    Score(score::Arguments),
    Compare(compare::Arguments),
    Filters(filters::Arguments),
    Completions(pages::Completions),
    Man(pages::Man),
}

/// Where a build goes, shared by the commands that make one.
#[derive(Args)]
pub struct Out {
    /// The output folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build in a folder that holds other files (one that a build would overwrite is still refused), from inputs that have changed under a finished build, or in place of another recipe's build.
    #[arg(long)]
    force: bool,
    /// Exit with 3 when any input was damaged or any record was skipped for a fault.
    #[arg(long)]
    strict: bool,
    /// Leave words of documents and benchmarks out of the reports: terms, n-grams, texts side by side, ids, URLs and hosts.
    #[arg(long)]
    no_text: bool,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    survive_file_size_limit();
    crate::remote::tell_pauses(warn);
    let cli = Cli::parse();
    // What only lists things is done when nobody reads on; what judges or builds is not.
    let lists = !matches!(
        cli.command,
        Command::Build(_)
            | Command::Train(_)
            | Command::Dedup(_)
            | Command::Decontaminate(_)
            | Command::Links(_)
            | Command::Select(_)
            | Command::Verify(_)
            | Command::Task(_)
            | Command::Merge(_)
    );
    let ran = threads(cli.threads).and_then(|()| match cli.command {
        Command::Build(arguments) => build::run(&arguments, cli.json),
        Command::Plan(arguments) => plan::run(&arguments, cli.json),
        Command::Train(arguments) => train::run(&arguments, cli.json),
        Command::Dedup(arguments) => dedup::run(&arguments, cli.json),
        Command::Decontaminate(arguments) => decontaminate::run(&arguments, cli.json),
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Language(arguments) => language::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments, cli.json),
        Command::Links(arguments) => links::run(&arguments, cli.json),
        Command::Select(arguments) => select::run(&arguments, cli.json),
        Command::Task(arguments) => task::task(&arguments),
        Command::Merge(arguments) => task::merge(&arguments, cli.json),
        Command::Explain(arguments) => explain::run(&arguments, cli.json),
        Command::Verify(arguments) => verify::run(&arguments, cli.json),
        Command::Report(arguments) => report::run(&arguments, cli.json),
        Command::Score(arguments) => score::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments, cli.json),
        Command::Filters(arguments) => filters::run(&arguments, cli.json),
        Command::Completions(arguments) => pages::completions(&arguments, Cli::command()),
        Command::Man(arguments) => pages::man(&arguments, Cli::command()),
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        // `gristmill extract .. | head` ends quietly.
        Err(error) if lists && has_io(&error, &[ErrorKind::BrokenPipe]) => ExitCode::SUCCESS,
        Err(error) => {
            tell(format_args!("error: {}", chain(&error)));
            if has_io(&error, &[ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge]) {
                tell("free some space and run the same command again: what was finished is not done twice");
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// A file-size limit ends a process by a signal unless someone listens to it; then the write fails, and the error names the file.
fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        let noticed = std::sync::Arc::default();
        // Where it cannot be had, the signal ends the process as it would have.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, noticed);
    }
}

fn threads(n: Option<u16>) -> Result<()> {
    let Some(n) = n else { return Ok(()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(n)).build_global();
    pool.map_err(|cause| Error::new(format!("cannot start {n} threads")).because(cause))
}

/// An error and its causes on one line, control characters escaped.
fn chain(error: &Error) -> String {
    escape(&error.chain())
}

/// Writes one line to stderr. Where nobody reads it any more, the work goes on.
pub fn tell(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Warns on stderr; strangers' words may be in it.
pub fn warn(warning: &str) {
    tell(format_args!("warning: {}", escape(warning)));
}

/// Writes one line to stdout.
///
/// # Errors
/// When stdout is closed or full.
pub fn say(line: impl std::fmt::Display) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context(|| "cannot write to standard output")
}

/// Writes a value as JSON to stdout, indented.
///
/// # Errors
/// When stdout is closed or full.
pub fn say_json(value: &impl serde::Serialize) -> Result<()> {
    say_text(serde_json::to_string_pretty(value))
}

/// The same on one line.
pub fn say_json_line(value: &impl serde::Serialize) -> Result<()> {
    say_text(serde_json::to_string(value))
}

fn say_text(json: serde_json::Result<String>) -> Result<()> {
    say(json.map_err(|error| Error::new("cannot write JSON").because(error))?)
}

/// True when the operating system said one of these, however deep.
fn has_io(error: &Error, kinds: &[ErrorKind]) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(beneath) = cause {
        if beneath.downcast_ref::<std::io::Error>().is_some_and(|io| kinds.contains(&io.kind())) {
            return true;
        }
        cause = beneath.source();
    }
    false
}

#[cfg(test)]
mod tests;
