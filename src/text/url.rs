//! URLs as the recipe compares them: normalised form, host and registered domain.
//! Two spellings of one page should meet; two pages should not. A stored hash of a normalised URL depends on every rule here,
//! so a rule that changes gets a new name (and the link table a new version).

use url::{Host, Url};

/// Query parameters that only say how a reader came to the page. `utm_*` is matched by its prefix.
const TRACKING: [&str; 16] = [
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "mc_cid", "mc_eid", "_ga",
    "_gl", "_hsenc",
];

/// The normalised form of a web URL, or `None` for what is not one (other schemes, no host, not parseable).
///
/// 1. Parsed as browsers do (WHATWG): white space at the ends and tabs and line breaks inside go, dot segments are resolved, the host is in
///    lower case and punycode, odd spellings of IPv4 are unified.
/// 2. Only `http` and `https`; both are written `http://`, because one page answers to both.
/// 3. User name and password, the fragment (`#!` ones too) and the ports 80 and 443 are removed.
/// 4. Leading `www.` and trailing dots of the host are removed, as long as a dot remains in it.
/// 5. Percent-encoding: letters, digits and `-._~` are decoded, other escapes get upper-case digits, a stray `%` becomes `%25`.
/// 6. Tracking parameters (`utm_*`, `fbclid`, `gclid`, ..) and empty parameters are removed; the order of the others is kept, since servers may
///    read meaning into it. A query without parameters is removed.
/// 7. Slashes at the end of the path are removed: `http://a.org/` is `http://a.org`.
///
/// Normalising twice changes nothing more. The case of path and query is kept: servers may tell it apart.
pub fn normalise(url: &str) -> Option<String> {
    normalised(&parse(url)?)
}

/// What [`normalise`] and [`registered_domain`] give of a web URL, parsed once; `None` where either is.
pub fn normalise_with_domain(url: &str) -> Option<(String, String)> {
    let url = parse(url)?;
    Some((normalised(&url)?, domain_of(&url)?))
}

fn normalised(url: &Url) -> Option<String> {
    let mut normalised = String::with_capacity(url.as_str().len());
    normalised.push_str("http://");
    normalised.push_str(bare_host(url.host_str()?)?);
    if let Some(port) = url.port().filter(|port| ![80, 443].contains(port)) {
        normalised.push(':');
        normalised.push_str(&port.to_string());
    }
    unify_escapes(url.path().trim_end_matches('/'), &mut normalised);
    let mut mark = '?';
    for parameter in url.query().unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty()) {
        let start = normalised.len();
        normalised.push(mark);
        unify_escapes(parameter, &mut normalised);
        if is_tracking(&normalised[start + 1..]) {
            normalised.truncate(start);
        } else {
            mark = '&';
        }
    }
    Some(normalised)
}

/// The host of a web URL as [`normalise`] writes it: lower case, punycode, without `www.`, port and trailing dots; an IPv6 address keeps its brackets.
/// `None` where [`normalise`] gives `None`.
pub fn host(url: &str) -> Option<String> {
    Some(bare_host(parse(url)?.host_str()?)?.to_owned())
}

/// The host as it is addressed: as [`host`], but with its `www.`.
pub fn full_host(url: &str) -> Option<String> {
    let url = parse(url)?;
    let host = url.host_str()?.trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_owned())
}

/// The registered domain of a web URL or of a bare host (with or without port and path): the public suffix and one label, by the Public Suffix
/// List that crate `psl` embeds, its private part included (`user.github.io` is a domain of its own).
///
/// - An IP address is its own domain.
/// - A suffix that the list does not know is its last label (the list's own rule `*`): `a.b.unknown` gives `b.unknown`.
/// - A private suffix itself (`github.io`) gives itself, since it is also somebody's site; any other bare suffix (`com`, `co.uk`, `localhost`) gives `None`.
pub fn registered_domain(url_or_host: &str) -> Option<String> {
    let text = url_or_host.trim();
    let url = if text.contains("://") { parse(text)? } else { parse(&format!("http://{text}"))? };
    domain_of(&url)
}

/// True for a host in lower case under a suffix that the Public Suffix List names, in letters or punycode; for that suffix itself too.
pub fn has_known_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

fn domain_of(url: &Url) -> Option<String> {
    let host = bare_host(url.host_str()?)?;
    if !matches!(url.host(), Some(Host::Domain(_))) {
        return Some(host.to_owned());
    }
    if let Some(domain) = psl::domain_str(host) {
        return Some(domain.to_owned());
    }
    let suffix = psl::suffix(host.as_bytes())?;
    let is_private = matches!(suffix.typ(), Some(psl::Type::Private));
    is_private.then(|| host.to_owned())
}

fn parse(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A parsed host without trailing dots and leading `www.`; `None` when nothing is left.
fn bare_host(host: &str) -> Option<&str> {
    let mut host = host.trim_end_matches('.');
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.') && !rest.starts_with('.')) {
        host = rest;
    }
    (!host.is_empty()).then_some(host)
}

/// Appends `part` with its percent-encoding in the one form of rule 5.
fn unify_escapes(part: &str, out: &mut String) {
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.as_bytes().get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let Some(&[high, low]) = digits else {
            out.push_str("%25");
            continue;
        };
        let value = char::from(nibble(high) << 4 | nibble(low));
        if value.is_ascii_alphanumeric() || "-._~".contains(value) {
            out.push(value);
        } else {
            out.push('%');
            out.push(char::from(high.to_ascii_uppercase()));
            out.push(char::from(low.to_ascii_uppercase()));
        }
        rest = &rest[2..];
    }
    out.push_str(rest);
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}
