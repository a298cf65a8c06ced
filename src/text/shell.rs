//! Names as words of a shell command that a message proposes.

/// A word of a shell command; a name that begins with a hyphen is no option.
pub fn quoted(name: &str) -> String {
    let name = if name.starts_with('-') { format!("./{name}") } else { name.to_owned() };
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:=@%,".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return name;
    }
    if name.chars().any(char::is_control) {
        let escaped: String = name
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"/._-".contains(&b) { char::from(b).to_string() } else { format!("\\x{b:02x}") })
            .collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}
