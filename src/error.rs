//! The one error type: what was being done, to which file, at which place, and how the process should end.
//!
//! A document we do not want and a record we cannot read are never errors: they are verdicts, counted
//! (`document::Reason`). An `Error` means a broken recipe, disk or model, and the run does not start or stops.

use std::fmt;

/// Every fallible function of the library returns this.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How the process ends; the numbers are the documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something failed while running: exit 1.
    Failed,
    /// The recipe or the command line is wrong; nothing was opened or written: exit 2.
    Recipe,
    /// `--strict` was asked for and something was skipped: exit 3.
    Skipped,
    /// Another process works in this output folder: exit 4.
    InUse,
    /// An input changed while it was read, or the folder belongs to another recipe: exit 5.
    Changed,
}

/// One sentence in lower case without a full stop, and what caused it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of the running program (exit code 1).
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed, message)
    }

    /// A fault of the recipe or the command line (exit code 2).
    pub fn recipe(message: impl Into<String>) -> Self {
        Self::of(Kind::Recipe, message)
    }

    /// An error with any exit code.
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), cause: None }
    }

    /// Adds what lies beneath; printed after a colon.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// How the process should end.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The error and its causes on one line.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(beneath) = cause {
            line.push_str(": ");
            line.push_str(&beneath.to_string());
            cause = beneath.source();
        }
        line
    }

    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Recipe => 2,
            Kind::Skipped => 3,
            Kind::InUse => 4,
            Kind::Changed => 5,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// Whether bytes could not be had, by what the system or one of our errors says, as of a server; else their reader can make nothing of what they are.
pub fn is_failure(error: &std::io::Error) -> bool {
    error.raw_os_error().is_some() || ours(error).is_some()
}

/// An error of ours that came through a reader.
fn ours(error: &std::io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// The same error for somebody else, of the same words and exit code.
pub fn once_more(error: &std::io::Error) -> std::io::Error {
    match (error.raw_os_error(), ours(error)) {
        (Some(number), _) => std::io::Error::from_raw_os_error(number),
        (_, Some(ours)) => std::io::Error::other(Error::of(ours.kind, ours.chain())),
        _ => std::io::Error::new(error.kind(), error.to_string()),
    }
}

/// Adds what was being done to any error, once, where the path is known.
pub trait Context<T> {
    /// `doing` is a sentence without a full stop: "cannot read crawl/a.warc.gz at byte 512".
    fn context<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T>;
}

impl<T> Context<T> for Result<T> {
    fn context<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T> {
        // The exit code of what lies beneath is kept: a changed input stays a changed input.
        self.map_err(|cause| Error::of(cause.kind, doing()).because(cause))
    }
}

impl<T> Context<T> for std::io::Result<T> {
    fn context<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T> {
        // So is that of an error of ours which came through a reader: what is read over a network may change too.
        self.map_err(|cause| Error::of(ours(&cause).map_or(Kind::Failed, Error::kind), doing()).because(cause))
    }
}
