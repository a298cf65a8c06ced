//! What goes wrong with a request: whether another attempt may help, after which pause, and what is said when none did.

use std::time::Duration;

use ureq::http::{HeaderMap, StatusCode};

use crate::error::{Context, Error, Kind, Result};

use super::guard::{Refused, Unresolved};
use super::target::{Target, is_region};
use super::{PAUSES, Settings, answer};

/// A pause that is told of.
const TOLD: Duration = Duration::from_secs(2);
/// Attempts at a name that cannot be looked up, before anything was read: it is more often mistyped than the resolver is down.
const LOOKUPS: u32 = 3;
/// Bytes of an error's body that are looked at for S3's code.
pub(super) const ERROR_BODY: u64 = 4096;

/// Why a request brought nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// It may pass.
    Passing(Passing),
    /// It will not.
    Final(Error),
}

#[derive(Debug)]
pub(super) struct Passing {
    why: String,
    /// How the process should end when it does not pass.
    kind: Kind,
    /// What the server asks for.
    retry_after: Option<Duration>,
    is_lookup: bool,
}

impl Fault {
    pub fn passing(why: impl Into<String>) -> Self {
        Self::of(Kind::Failed, why)
    }

    /// One that is another kind of error when it does not pass.
    pub fn of(kind: Kind, why: impl Into<String>) -> Self {
        Self::Passing(Passing { why: why.into(), kind, retry_after: None, is_lookup: false })
    }

    pub fn last(why: impl Into<String>) -> Self {
        Self::Final(Error::new(why))
    }

    pub fn changed(what: impl std::fmt::Display) -> Self {
        Self::Final(Error::of(Kind::Changed, format!("it changed since it was found: {what}; start again with what is there now")))
    }

    /// The request did not bring an answer.
    pub fn of_request(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Other(inner) if inner.is::<Refused>() => refused(&*inner),
            ureq::Error::Other(inner) if inner.is::<Unresolved>() => {
                Self::Passing(Passing { why: inner.to_string(), kind: Kind::Failed, retry_after: None, is_lookup: true })
            }
            ureq::Error::Timeout(_) => Self::passing("the server gave no byte in time"),
            // Nobody renews a certificate within a minute.
            error if error.to_string().contains("certificate") => Self::last(format!(
                "the server's certificate cannot be trusted, its root must be one that browsers know, or one in SSL_CERT_FILE: {error}"
            )),
            // A proxy that wants a password goes on wanting it.
            ureq::Error::ConnectProxyFailed(why) if why.contains("407") => Self::last(format!("{why}; see HTTPS_PROXY")),
            ureq::Error::Http(_) | ureq::Error::BadUri(_) | ureq::Error::InvalidProxyUrl => Self::last(error.to_string()),
            error => Self::passing(error.to_string()),
        }
    }

    /// An answer that is no success. `code` is S3's word for it, where there is one.
    pub fn of_status(target: &Target, status: StatusCode, headers: &HeaderMap, code: Option<&str>) -> Self {
        let said = format!("the server answered {status}{}", code.map(|code| format!(", {code}")).unwrap_or_default());
        match status.as_u16() {
            408 | 429 | 500 | 502..=504 => {
                // Servers give seconds; a date, which they also may, needs clocks that agree and is left to our own pauses.
                let retry_after = answer::header(headers, "retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
                Self::Passing(Passing { why: said, kind: Kind::Failed, retry_after, is_lookup: false })
            }
            301 | 307 | 400 if target.is_s3() => {
                let region = answer::header(headers, "x-amz-bucket-region").filter(|region| is_region(region));
                let advice = match region {
                    Some(region) => format!("the bucket is in the region {region}: set AWS_REGION={region}"),
                    None => "set AWS_REGION to the region of the bucket, and see that the credentials are still good".to_owned(),
                };
                Self::last(format!("{said}; {advice}"))
            }
            401 | 403 | 407 if target.is_s3() => Self::last(format!(
                "{said}; see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN: profiles and metadata services are not read"
            )),
            401 | 403 => Self::last(format!("{said}; it asks for credentials, or has had enough requests of this machine")),
            _ => Self::last(format!("{said}, which is no part of an object")),
        }
    }
}

/// A redirect that is not followed.
pub(super) fn refused(why: &dyn std::fmt::Display) -> Fault {
    Fault::last(format!("{why}; it is not followed: name the address it leads to, if that is meant"))
}

/// S3's word for an error, out of the beginning of its body.
pub(super) fn code(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    // Only a word: the rest of such a body may repeat what was signed.
    (code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
}

/// Failed attempts since the last new byte.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: u32,
    /// Something was read before, so that the name is a good one.
    has_read: bool,
}

impl Attempts {
    pub fn progress(&mut self) {
        *self = Self { failed: 0, has_read: true };
    }

    /// Waits until the next attempt, or tells that there is none. `doing` is what cannot be done, as in "cannot read s3://b/k from byte 7".
    pub fn failed(&mut self, fault: Fault, settings: &Settings, doing: impl FnOnce() -> String) -> Result<()> {
        let passing = match fault {
            Fault::Final(error) => return Err(error).context(doing),
            Fault::Passing(passing) => passing,
        };
        self.failed += 1;
        let most = if passing.is_lookup && !self.has_read { settings.attempts.min(LOOKUPS) } else { settings.attempts };
        if self.failed < most {
            let pause = pause(self.failed, passing.retry_after, settings);
            if let Some(told) = PAUSES.get().filter(|_| TOLD <= pause) {
                told(&format!("{}: {}; trying again in {} s", doing(), passing.why, pause.as_secs()));
            }
            std::thread::sleep(pause);
            return Ok(());
        }
        let advice = match passing.is_lookup {
            true => "see that the host's name is right and the network is up",
            false => "try again later, and with fewer threads where the server is busy",
        };
        Err(Error::of(passing.kind, format!("{} in {} attempts; {advice}", doing(), self.failed)).because(passing.why))
    }
}

/// How long to wait after the `failed`th failure: twice as long each time, no shorter than the server asks, no longer than the cap.
pub(super) fn pause(failed: u32, retry_after: Option<Duration>, settings: &Settings) -> Duration {
    let own = settings.first_pause.saturating_mul(2u32.saturating_pow(failed.saturating_sub(1)));
    own.max(retry_after.unwrap_or_default()).min(settings.longest_pause)
}
