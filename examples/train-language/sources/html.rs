//! Paragraphs, headings and items of lists of well-kept HTML, as the declarations and the help have it.

use html5gum::{StartTag, Token, Tokenizer};

/// What stands in one of these is not for reading, or is the same on every page.
const PASSED_OVER: [&[u8]; 8] = [b"script", b"style", b"title", b"aside", b"nav", b"footer", b"pre", b"code"];
/// Classes of the help that mark code and keys, and its frame.
const PASSED_CLASSES: [&str; 10] =
    ["code", "bascode", "literal", "codeintable", "sqlcode", "input", "howtoget", "modules", "dropdowns", "index-label"];

/// The texts of `p`, `h1` to `h6` and `li`, each one string.
pub fn texts(html: &str) -> Vec<String> {
    let mut page = Page::default();
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => page.start(&tag),
            Token::EndTag(tag) => page.end(&tag.name),
            Token::String(text) if page.passed.is_empty() && 0 < page.depth => page.open.push_str(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    page.flush();
    page.texts
}

#[derive(Default)]
struct Page {
    texts: Vec<String>,
    open: String,
    /// How many elements with text are open; `p` without an end is closed by the next.
    depth: usize,
    /// The name of the element that is passed over, once for every element of this name that is open in it.
    passed: Vec<u8>,
    n_passed: usize,
}

impl Page {
    fn start(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = &tag.name;
        if !self.passed.is_empty() {
            self.n_passed += usize::from(self.passed == name && !tag.self_closing);
        } else if is_passed_over(tag) {
            self.passed = name.to_vec();
            self.n_passed = 1;
        } else if is_block(name) {
            self.flush();
            self.depth += usize::from(is_text(name));
        } else if name == b"br" {
            self.open.push(' ');
        }
    }

    fn end(&mut self, name: &[u8]) {
        if !self.passed.is_empty() {
            self.n_passed -= usize::from(self.passed == name);
            if self.n_passed == 0 {
                self.passed.clear();
            }
        } else if is_block(name) {
            self.flush();
            self.depth = self.depth.saturating_sub(usize::from(is_text(name)));
        }
    }

    fn flush(&mut self) {
        if !self.open.trim().is_empty() {
            self.texts.push(std::mem::take(&mut self.open));
        }
        self.open.clear();
    }
}

fn is_text(name: &[u8]) -> bool {
    matches!(name, b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"li")
}

fn is_block(name: &[u8]) -> bool {
    is_text(name)
        || matches!(name, b"body" | b"div" | b"table" | b"tr" | b"td" | b"th" | b"ul" | b"ol" | b"article" | b"header" | b"section")
}

fn is_passed_over(tag: &StartTag<()>) -> bool {
    let name: &[u8] = &tag.name;
    let attribute = |wanted: &[u8]| tag.attributes.iter().find(|(name, _)| name.as_slice() == wanted).map(|(_, value)| value);
    // Only the help gives its header a name.
    let is_frame = name == b"header" && attribute(b"id").is_some();
    let is_marked =
        || attribute(b"class").is_some_and(|class| String::from_utf8_lossy(class).split(' ').any(|class| PASSED_CLASSES.contains(&class)));
    !tag.self_closing && !is_void(name) && (PASSED_OVER.contains(&name) || is_frame || is_marked())
}

fn is_void(name: &[u8]) -> bool {
    matches!(name, b"br" | b"hr" | b"img" | b"input" | b"link" | b"meta" | b"wbr")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_texts_and_code_is_none() {
        let html = "<title>T</title><body><header id=\"Top\"><p>Bar</p></header><h1>Naslov</h1><header><h2>Uvod</h2></header>loose
            <ol><li><p>Prvi <b>kor</b>ak.</p></li><li>Drugi &amp; tre&#263;i<br>korak</ol>
            <p class=\"code\">let x</p><div class=\"howtoget\"><div><p>Menu</p></div></div>
            <p>Naredba <span class=\"literal\">End Sub</span> zatvara.<p>Bez kraja<script>if (a) { '<p>' }</script></body>";
        let wanted = ["Naslov", "Uvod", "Prvi korak.", "Drugi & treći korak", "Naredba  zatvara.", "Bez kraja"];
        let texts: Vec<String> = texts(html).iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
        assert_eq!(texts, wanted);
    }

    #[test]
    fn odd_pages_do_no_harm() {
        for html in ["</p></p><p>", "<pre><pre></pre>", "<p", "<code></code></code><p>x", "", "</script>"] {
            texts(html);
        }
    }
}
