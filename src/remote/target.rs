//! An address as its user named it, checked, and the URL that is asked for it: for `s3://` that of the bucket, signed where the environment holds credentials.
//! Names of buckets and keys are taken as they stand, nothing is decoded in them.

use std::fmt;
use std::time::Duration;

use rusty_s3::actions::{GetObject, HeadObject};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use url::Url;

use crate::error::{Error, Result};

use super::Named;

/// A signature is for one request and not for a download: S3 looks at it when the request arrives. An hour bears clocks that go wrong.
const SIGNED_FOR: Duration = Duration::from_secs(60 * 60);

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Head,
    Get,
}

/// What the environment says on S3 and on whom to trust. Empty variables are as good as none. `Debug` shows only what is no secret.
#[derive(Clone, Default)]
pub struct Environment {
    /// `AWS_ACCESS_KEY_ID`; requests are signed where it and the secret are given.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: Option<String>,
    /// `AWS_SESSION_TOKEN`, for temporary credentials.
    pub session_token: Option<String>,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`; `us-east-1` without both.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`: another server than Amazon's, which is asked with the bucket in the path.
    pub endpoint: Option<String>,
    /// `SSL_CERT_FILE`: a file of certificates in PEM that servers' own must lead to, instead of the roots that browsers know.
    pub certificates: Option<String>,
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        let first = |names: &[&str]| names.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.trim().is_empty());
        Self {
            access_key_id: first(&["AWS_ACCESS_KEY_ID"]),
            secret_access_key: first(&["AWS_SECRET_ACCESS_KEY"]),
            session_token: first(&["AWS_SESSION_TOKEN"]),
            region: first(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
            endpoint: first(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
            certificates: first(&["SSL_CERT_FILE"]),
        }
    }

    fn credentials(&self) -> Result<Option<Credentials>> {
        match (&self.access_key_id, &self.secret_access_key) {
            (Some(id), Some(secret)) => Ok(Some(match &self.session_token {
                Some(token) => Credentials::new_with_token(id, secret, token),
                None => Credentials::new(id, secret),
            })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(Error::recipe("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both, or neither for public buckets"))
            }
            (None, Some(_)) => {
                Err(Error::recipe("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set both, or neither for public buckets"))
            }
        }
    }

    fn bucket(&self, name: &str) -> Result<Bucket> {
        let region = self.region.as_deref().unwrap_or("us-east-1");
        if !is_region(region) {
            return Err(Error::recipe(format!("AWS_REGION is {region:?}, which is no region: write it like us-east-1")));
        }
        let (endpoint, style) = match &self.endpoint {
            // The value is not repeated: it may hold a password.
            Some(endpoint) => {
                let fits = |url: &Url| matches!(url.scheme(), "http" | "https") && !has_user(url);
                let parsed = Url::parse(endpoint.trim()).ok().filter(fits);
                let wrong = "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is no address of a server: write it like http://127.0.0.1:9000, without user name and password";
                (parsed.ok_or_else(|| Error::recipe(wrong))?, UrlStyle::Path)
            }
            None => {
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                // Amazon's certificates are for one label before its own, and host names know no upper case.
                let is_label = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
                let style = if is_label { UrlStyle::VirtualHost } else { UrlStyle::Path };
                (
                    Url::parse(&format!("https://s3.{region}.{suffix}")).expect("a region of letters, digits and hyphens fits into a host"),
                    style,
                )
            }
        };
        Bucket::new(endpoint, style, name.to_owned(), region.to_owned())
            .map_err(|error| Error::recipe(format!("s3://{name} cannot be asked for at its endpoint")).because(error))
    }
}

/// Letters, digits and hyphens: nothing that could change the host it becomes a part of.
pub(super) fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("signs", &self.access_key_id.is_some()).field("region", &self.region).finish_non_exhaustive()
    }
}

enum Place {
    Web(Url),
    Bucket { bucket: Bucket, key: String, credentials: Option<Credentials> },
}

/// An address that can be asked for. It has no `Debug`, because it may hold credentials.
pub(super) struct Target {
    /// As the user named it.
    pub name: String,
    /// As messages name it.
    pub shown: String,
    pub named: Named,
    place: Place,
}

impl Target {
    /// Checks an address and what the environment adds to it; all errors are of the kind `Recipe`.
    pub fn new(name: &str, environment: &Environment) -> Result<Self> {
        let (scheme, rest) = name.split_once("://").unwrap_or_default();
        if scheme.eq_ignore_ascii_case("s3") {
            return Self::in_bucket(name, rest, environment);
        }
        // What stands before an @ may be a password, so such a name is not repeated.
        let quoted = if name.contains('@') { "an address".to_owned() } else { format!("{:?}", hide_query(name)) };
        let mut url = Url::parse(name).map_err(|error| Error::recipe(format!("{quoted} cannot be read as an address")).because(error))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::recipe(format!("{quoted} does not begin with http://, https:// or s3://")));
        }
        if has_user(&url) {
            let host = url.host_str().unwrap_or_default();
            let text = format!(
                "the address at {host} holds a user name or a password: take it out, credentials come only from the environment and only for s3://"
            );
            return Err(Error::recipe(text));
        }
        url.set_fragment(None);
        Ok(Self { name: name.to_owned(), shown: shown(&url), named: Named::ByUser, place: Place::Web(url) })
    }

    /// The same by another's word.
    pub fn named(self, named: Named) -> Self {
        Self { named, ..self }
    }

    fn in_bucket(name: &str, rest: &str, environment: &Environment) -> Result<Self> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || !bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')) {
            let text = "an address of s3:// has no bucket, or one with other characters than letters, digits, dots, hyphens and underscores: write it like s3://bucket/key";
            return Err(Error::recipe(text));
        }
        let shown = format!("s3://{bucket}/{key}");
        // A URL cannot hold such keys: it would name another object, or another bucket.
        if key.is_empty() || key.split('/').any(|part| matches!(part, "." | "..")) || key.contains(char::is_control) {
            return Err(Error::recipe(format!(
                "{shown:?} names no object that can be asked for: a key is not empty, and has neither . or .. between slashes nor control characters"
            )));
        }
        let place = Place::Bucket { bucket: environment.bucket(bucket)?, key: key.to_owned(), credentials: environment.credentials()? };
        Ok(Self { name: name.to_owned(), shown, named: Named::ByUser, place })
    }

    /// What to ask for now. A signature in it is for this method and the next hour.
    pub fn url(&self, method: Method) -> Url {
        match &self.place {
            Place::Web(url) => url.clone(),
            Place::Bucket { bucket, key, credentials } => match method {
                Method::Head => HeadObject::new(bucket, credentials.as_ref(), key).sign(SIGNED_FOR),
                Method::Get => GetObject::new(bucket, credentials.as_ref(), key).sign(SIGNED_FOR),
            },
        }
    }

    /// The same for every spelling of an address.
    pub fn identity(&self) -> String {
        match &self.place {
            Place::Web(url) => url.to_string(),
            Place::Bucket { .. } => self.shown.clone(),
        }
    }

    pub fn is_s3(&self) -> bool {
        matches!(self.place, Place::Bucket { .. })
    }

    pub fn is_signed(&self) -> bool {
        matches!(&self.place, Place::Bucket { credentials: Some(_), .. })
    }
}

/// Whether a URL holds a user name or a password.
pub(super) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// A URL for messages: where it leads, without the query, in which signatures are.
pub(super) fn shown(url: &Url) -> String {
    hide_query(url.as_str()).into_owned()
}

/// An address as messages name it, also one that cannot be read: without user, password and query.
pub(super) fn hidden(name: &str) -> String {
    let Some((scheme, rest)) = name.split_once("://") else { return name.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // A key of S3 may hold a question mark.
    let path = if scheme.eq_ignore_ascii_case("s3") { path.into() } else { hide_query(path) };
    format!("{scheme}://{host}{path}")
}

fn hide_query(url: &str) -> std::borrow::Cow<'_, str> {
    match url.split_once('?') {
        Some((before, _)) => format!("{before}?...").into(),
        None => url.into(),
    }
}
