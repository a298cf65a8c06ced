//! Asks: one request with its redirects, and the question what stands at an address. Redirects are followed here and not by the HTTP library, because each
//! next address must be looked at first.

use std::fmt;
use std::fs;
use std::io::Read;
use std::sync::Arc;

use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};
use url::Url;

use crate::error::{Error, Result};

use super::answer::{self, Validator};
use super::fault::{Attempts, ERROR_BODY, Fault, code, refused};
use super::guard::{self, Lookup};
use super::target::{Environment, Method, Target, has_user};
use super::{Found, Named, Object, Settings};

/// Connections and settings that objects share. Clones are the same client.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    environment: Environment,
    settings: Settings,
    proxy: Option<Proxy>,
    /// For what the user named and for what a stranger's redirect or list named, each through the proxy and without it: apart, so that neither takes a connection of the other.
    agents: [[Agent; 2]; 2],
}

impl Client {
    /// A client of its own settings. It connects to nothing yet.
    ///
    /// # Errors
    /// Of the kind `Recipe` where `SSL_CERT_FILE` names no file of certificates.
    pub fn new(environment: Environment, settings: Settings) -> Result<Self> {
        Self::behind(Proxy::try_from_env(), environment, settings)
    }

    pub(super) fn behind(proxy: Option<Proxy>, environment: Environment, settings: Settings) -> Result<Self> {
        let roots = environment.certificates.as_deref().map_or(Ok(RootCerts::WebPki), roots)?;
        let agent = |guarded, proxy: Option<&Proxy>| {
            let config = Agent::config_builder()
                .proxy(proxy.cloned())
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .http_status_as_error(false)
                .max_redirects(0)
                .user_agent(concat!("gristmill/", env!("CARGO_PKG_VERSION")))
                // Bytes as they are stored: an archive that is compressed on its way has another length, and other bytes.
                .accept_encoding("identity")
                // Of the time between two bytes and not of the whole, so that a slow body is no stall.
                .timeout_per_read(Some(settings.stall))
                .timeout_per_write(Some(settings.stall))
                .timeout_connect(Some(settings.stall))
                .build();
            Agent::with_parts(config, DefaultConnector::default(), Lookup { guarded })
        };
        let agents = [false, true].map(|guarded| [agent(guarded, None), agent(guarded, proxy.as_ref())]);
        Ok(Self(Arc::new(Inner { environment, settings, proxy, agents })))
    }

    /// As [`super::find`], of this client.
    ///
    /// # Errors
    /// As those of [`super::find`].
    pub fn find(&self, name: &str) -> Result<Found> {
        self.find_named(name, Named::ByUser)
    }

    pub(super) fn find_named(&self, name: &str, named: Named) -> Result<Found> {
        let target = Arc::new(Target::new(name, &self.0.environment)?.named(named));
        let mut attempts = Attempts::default();
        loop {
            match self.look(&target) {
                Ok(found) => return Ok(found),
                Err(fault) => attempts.failed(fault, &self.0.settings, || format!("cannot ask for {}", target.shown))?,
            }
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn look(&self, target: &Arc<Target>) -> Result<Found, Fault> {
        let object = |bytes, headers: &HeaderMap| {
            Found::Object(Object { client: self.clone(), target: target.clone(), bytes, validator: Validator::of(headers) })
        };
        let head = self.ask(target, Method::Head, &[])?;
        let told = answer::length(head.headers());
        match (head.status().as_u16(), told) {
            (200, Some(bytes)) if 0 < bytes => return Ok(object(bytes, head.headers())),
            (status @ (404 | 410), _) => return Ok(Found::Missing { status }),
            // Refused, or without what is asked: a signature may be for GET alone, and S3 says only in a body what is wrong. Some servers
            // answer HEAD with the length of the answer's own body, none, so that an object that is empty is looked at twice.
            (200 | 403 | 405 | 501, _) => {}
            (400, _) if target.is_s3() => {}
            _ => return Err(self.fault(target, head)),
        }
        let get = self.ask(target, Method::Get, &[("range", "bytes=0-0")])?;
        let headers = get.headers();
        let total = answer::content_range(headers).and_then(|said| said.total);
        let bytes = match get.status().as_u16() {
            200 => answer::length(headers),
            206 => total,
            // An empty object has no first byte.
            416 if told == Some(0) => return Ok(object(0, head.headers())),
            416 if total == Some(0) => total,
            status @ (404 | 410) => return Ok(Found::Missing { status }),
            403 => return self.forbidden(target, get),
            _ => return Err(self.fault(target, get)),
        };
        let nameless = || {
            Fault::last(
                "the server does not say how long it is, so that its end could not be told from a broken connection; fetch it to a file first",
            )
        };
        Ok(object(bytes.ok_or_else(nameless)?, headers))
    }

    /// S3 says why it forbids: what is wrong with the credentials is no missing object.
    fn forbidden(&self, target: &Target, mut response: Response<Body>) -> Result<Found, Fault> {
        match error_code(target, &mut response).filter(|code| code != "AccessDenied") {
            Some(code) => Err(Fault::of_status(target, response.status(), response.headers(), Some(&code))),
            None => Ok(Found::Missing { status: 403 }),
        }
    }

    pub(super) fn fault(&self, target: &Target, mut response: Response<Body>) -> Fault {
        let code = error_code(target, &mut response);
        Fault::of_status(target, response.status(), response.headers(), code.as_deref())
    }

    /// One request, and those it is redirected to.
    pub(super) fn ask(&self, target: &Target, method: Method, headers: &[(&str, &str)]) -> Result<Response<Body>, Fault> {
        let named = target.url(method);
        let mut url = named.clone();
        for _ in 0..=self.0.settings.redirects {
            let is_users = target.named == Named::ByUser && url.origin() == named.origin();
            let response = self.send(method, &url, is_users, headers)?;
            let place = match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => answer::header(response.headers(), "location"),
                _ => None,
            };
            let Some(place) = place else { return Ok(response) };
            url = next(&url, place)?;
            if target.is_signed() && url.origin() != named.origin() {
                // The signature would go along. S3 redirects where the bucket is in another region.
                return Err(Fault::of_status(target, response.status(), response.headers(), None));
            }
        }
        Err(Fault::last(format!("the server redirects more than {} times", self.0.settings.redirects)))
    }

    fn send(&self, method: Method, url: &Url, is_users: bool, headers: &[(&str, &str)]) -> Result<Response<Body>, Fault> {
        let goes_direct = |proxy: &Proxy| url.as_str().parse().is_ok_and(|uri| proxy.is_no_proxy(&uri));
        let is_loopback = guard::is_loopback(url);
        let is_proxied = !is_loopback && self.0.proxy.as_ref().is_some_and(|proxy| !goes_direct(proxy));
        if !is_users && (is_loopback || is_proxied) {
            guard::check(url).map_err(|address| refused(&address))?;
        }
        let agent = &self.0.agents[usize::from(!is_users)][usize::from(is_proxied)];
        let request = match method {
            Method::Head => agent.head(url.as_str()),
            Method::Get => agent.get(url.as_str()),
        };
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).call().map_err(Fault::of_request)
    }
}

/// Where a redirect leads, if one may go there for what can be told without looking its name up.
pub(super) fn next(from: &Url, place: &str) -> Result<Url, Fault> {
    let next = from.join(place).map_err(|_| Fault::last("the server redirects to what is no address"))?;
    let to = || format!("{}://{}", next.scheme(), next.host_str().unwrap_or_default());
    if !matches!(next.scheme(), "http" | "https") {
        return Err(refused(&format!("a redirect leads to {}, which is no server of the web", to())));
    }
    if has_user(&next) {
        return Err(refused(&format!("a redirect leads to {} with a user name or a password", to())));
    }
    if from.scheme() == "https" && next.scheme() == "http" {
        return Err(refused(&format!("a redirect leads from https to {}, where anybody on the way could change what is read", to())));
    }
    Ok(next)
}

/// The certificates of a file in PEM, to be trusted instead of those that browsers know.
fn roots(path: &str) -> Result<RootCerts> {
    let wrong = |what: &str| Error::recipe(format!("SSL_CERT_FILE names {path}, {what}: unset it to trust the roots that browsers know"));
    let text = fs::read(path).map_err(|error| wrong("which cannot be read").because(error))?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() { Err(wrong("which holds no certificate in PEM")) } else { Ok(certificates.into()) }
}

/// S3's word for an error, where the answer has a body with one.
fn error_code(target: &Target, response: &mut Response<Body>) -> Option<String> {
    if !target.is_s3() || response.status() == StatusCode::OK {
        return None;
    }
    let mut body = Vec::new();
    // What arrived of it is enough.
    let _ = response.body_mut().as_reader().take(ERROR_BODY).read_to_end(&mut body);
    code(&body)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("environment", &self.0.environment).field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
