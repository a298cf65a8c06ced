//! Where a redirect, or a list of another server, may lead. What a user names himself may be anywhere, a server in his own network too; a foreign server must not send us there, because
//! behind such addresses stand machines that trust everything inside (the metadata service of a cloud hands out credentials).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::{Host, Url};

/// A stranger's word led to such an address.
#[derive(Debug)]
pub(super) struct Refused(pub IpAddr);

/// A host's name has no address, or none could be looked up.
#[derive(Debug)]
pub(super) struct Unresolved(String);

/// Looks names up and, where a stranger named them, refuses what must not be reached. It sees the very addresses that are connected to, so that a name which leads elsewhere the next time gains nothing.
#[derive(Debug)]
pub(super) struct Lookup {
    pub guarded: bool,
}

impl Resolver for Lookup {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) | ureq::Error::HostNotFound => ureq::Error::Other(Box::new(Unresolved(error.to_string()))),
            other => other,
        })?;
        // The proxy is the user's own choice and is looked up here as well.
        let is_proxy = config.proxy().is_some_and(|proxy| proxy.uri() == uri);
        match found.iter().map(|address| address.ip()).find(|address| is_inside(*address)) {
            Some(address) if self.guarded && !is_proxy => Err(ureq::Error::Other(Box::new(Refused(address)))),
            _ => Ok(found),
        }
    }
}

/// The same before anything is asked, for what a proxy looks up itself: as far as it can be told from here. A name that cannot be looked up here is the proxy's to judge.
pub(super) fn check(url: &Url) -> Result<(), Refused> {
    let addresses: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(_)) if is_loopback(url) => vec![Ipv4Addr::LOCALHOST.into()],
        Some(Host::Domain(name)) => {
            (name, 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
        }
        None => Vec::new(),
    };
    addresses.into_iter().find(|address| is_inside(*address)).map_or(Ok(()), |address| Err(Refused(address)))
}

/// Whether a host is this machine by its name alone.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost" || name.trim_end_matches('.').ends_with(".localhost"),
        None => false,
    }
}

/// Whether an address is not one of the public internet: the special-purpose registries of IANA (RFC 6890), multicast, and addresses of IPv6 that carry such a one of IPv4.
pub(super) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_inside_v4(address),
        IpAddr::V6(address) => is_inside_v6(address),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local() // 169.254.169.254 is the metadata service of most clouds.
        || address.is_multicast()
        || a == 0 // "This network"; Linux connects 0.0.0.0 to itself.
        || a == 100 && b & 0xC0 == 64 // Shared by carriers (RFC 6598); the metadata service of one cloud is in it.
        || (a, b, c) == (192, 0, 0) // Protocol assignments; another metadata service.
        || a == 198 && b & 0xFE == 18 // Benchmarks (RFC 2544).
        || 240 <= a // Reserved, and broadcast.
}

fn is_inside_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let carried = |high: u16, low: u16| is_inside_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match parts {
        // Unspecified, loopback, and IPv4 written as IPv6 (mapped, or the old compatible form).
        [0, 0, 0, 0, 0, 0 | 0xFFFF, high, low] => parts[5] == 0 && parts[6] == 0 || carried(high, low),
        // NAT64: well-known prefix and local use.
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => carried(high, low),
        [0x64, 0xFF9B, 1, ..] => true,
        // 6to4.
        [0x2002, high, low, ..] => carried(high, low),
        // Unique local, link-local and the site-local that came before, multicast.
        [first, ..] => first & 0xFE00 == 0xFC00 || first & 0xFF80 == 0xFE80 || first & 0xFF00 == 0xFF00,
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a redirect, or a name in a list of another server, leads to {}, which is not an address of the public internet", self.0)
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}
impl std::error::Error for Unresolved {}
