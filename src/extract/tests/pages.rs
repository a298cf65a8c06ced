//! Composed pages in several languages: what is kept and what is dropped.

use super::*;

/// A page with the furniture of a news site around an article; `lang` words of furniture come from the language of the article.
fn page(title: &str, menu: &[&str], paragraphs: &[&str], foot: &str) -> String {
    let items: String = menu.iter().map(|item| format!("<li><a href='/{item}'>{item}</a></li>")).collect();
    let text: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    let teasers: String = menu.iter().map(|item| format!("<div class='teaser'><a href='/t'>{item} {item}</a></div>")).collect();
    format!(
        "<html><head><title>{title} | Example</title></head><body><header class='site-header'><nav class='menu'><ul>{items}</ul></nav></header>\
         <div class='container'><main><article class='post'><h1>{title}</h1><div class='entry-content'>{text}</div></article></main>\
         <aside class='sidebar'><h3>{}</h3>{teasers}</aside></div><footer class='footer'><p>{foot}</p><ul>{items}</ul></footer></body></html>",
        menu[0]
    )
}

/// Every paragraph is there, in order, one a line; nothing of the furniture is.
fn check(title: &str, menu: &[&str], paragraphs: &[&str], foot: &str) {
    let found = extract_with(page(title, menu, paragraphs, foot).as_bytes(), None).unwrap();
    assert_eq!(found.title.as_deref(), Some(format!("{title} | Example").as_str()));
    let lines: Vec<&str> = found.text.lines().filter(|line| *line != title).collect();
    assert_eq!(lines, paragraphs, "{}", found.text);
}

#[test]
fn english() {
    check(
        "The old mill by the river",
        &["Home", "Sports", "Travel", "Contact"],
        &[
            "The mill stood by the river for two hundred years, and nobody in the village could remember a time before it.",
            "Every autumn the farmers came with their carts, and the miller weighed the grain and wrote the numbers in a book.",
            "When the railway arrived, the grain went to the city instead, and the wheel turned more slowly with each year.",
            "Today the building is a museum, and children learn there how flour was made.",
        ],
        "© 2024 Example Media. All rights reserved.",
    );
}

#[test]
fn german() {
    check(
        "Die alte Mühle am Fluss",
        &["Startseite", "Sport", "Reise", "Impressum"],
        &[
            "Die Mühle stand seit zweihundert Jahren am Fluss, und im Dorf konnte sich niemand an eine Zeit ohne sie erinnern.",
            "In jedem Herbst kamen die Bauern mit ihren Wagen, und der Müller wog das Korn und schrieb die Zahlen in ein Buch.",
            "Als die Eisenbahn kam, ging das Korn in die Stadt, und das Rad drehte sich von Jahr zu Jahr langsamer.",
        ],
        "© 2024 Beispiel Verlag. Alle Rechte vorbehalten.",
    );
}

#[test]
fn russian() {
    check(
        "Старая мельница у реки",
        &["Главная", "Спорт", "Путешествия", "Контакты"],
        &[
            "Мельница стояла у реки двести лет, и никто в деревне не помнил времени, когда её здесь не было.",
            "Каждую осень крестьяне приезжали на телегах, а мельник взвешивал зерно и записывал числа в книгу.",
            "Когда построили железную дорогу, зерно стали возить в город, и колесо вращалось всё медленнее.",
        ],
        "© 2024 Пример. Все права защищены.",
    );
}

#[test]
fn chinese_and_japanese_need_no_spaces() {
    check(
        "河边的老磨坊",
        &["首页", "体育", "旅游", "联系我们"],
        &[
            "这座磨坊在河边已经有两百年了，村里没有人记得没有它的时候是什么样子，大家都觉得它一直在那里。",
            "每年秋天农民们都赶着马车来到这里，磨坊主人称好粮食的重量，然后把数字写在一本厚厚的书里。",
            "铁路修好以后，粮食都运到城里去了，水车一年比一年转得慢，最后完全停了下来。",
        ],
        "版权所有 2024",
    );
    check(
        "川辺の古い水車小屋",
        &["ホーム", "スポーツ", "旅行", "お問い合わせ"],
        &[
            "その水車小屋は二百年ものあいだ川辺に立っていて、村にはそれがなかった時代を覚えている人はいませんでした。",
            "毎年秋になると農家の人たちが荷車でやって来て、粉屋は麦の重さを量り、その数字を帳面に書きつけました。",
            "鉄道が通ると麦は町へ運ばれるようになり、水車は年を追うごとにゆっくりと回るようになりました。",
        ],
        "無断転載を禁じます",
    );
}

#[test]
fn code_and_lists_of_an_article_stay() {
    let html = "<body><nav><a href=/>Home</a> <a href=/docs>Docs</a></nav><main><article class=post-content><h1>Reading a file</h1>\
        <p>To read a file line by line, open it and ask the reader for its lines, as the example below shows for a small program.</p>\
        <pre><code>let file = File::open(path)?;\nfor line in reader.lines() {\n    count += 1;\n}</code></pre>\
        <p>Three things are worth knowing before you use this in a program of your own, because they surprise most people:</p>\
        <ul><li>The line ends are taken off, so that you have to put them back when you write the lines to a file.</li>\
        <li>A line that is not valid text gives an error, and the loop goes on with the next line of the file.</li></ul></article></main>\
        <footer><a href=/imprint>Imprint</a> <a href=/privacy>Privacy</a></footer></body>";
    let text = extract_with(html.as_bytes(), None).unwrap().text;
    assert!(text.contains("let file = File::open(path)?;\nfor line in reader.lines() {\n    count += 1;\n}"), "{text}");
    assert!(text.contains("The line ends are taken off") && text.contains("A line that is not valid text"), "{text}");
    assert!(!text.contains("Imprint") && !text.contains("Docs"), "{text}");
}

#[test]
fn plain_text_is_kept_whole() {
    let mut page = page_of_file("notes.txt", b"First line\r\nsecond  <b>line</b> &amp;\rthird\0\x07\n\tfourth\n\n");
    page.media_type = "text/plain";
    let found = Extractor::new(Options::default()).unwrap().extract(&page).unwrap();
    assert_eq!((found.title, found.text.as_str()), (None, "First line\nsecond  <b>line</b> &amp;\nthird\n\tfourth"));
}

#[test]
fn titles_fall_back_to_open_graph_and_are_never_empty() {
    let title = |head: &str| extract_with(format!("<head>{head}</head><p>The words of the page are here.").as_bytes(), None).unwrap().title;
    assert_eq!(title("<title>\n A &amp; B\t</title>").as_deref(), Some("A & B"));
    assert_eq!(title("<title> </title><meta property='og:title' content='C &quot;D&quot;'>").as_deref(), Some("C \"D\""));
    assert_eq!(title("<svg><title>icon</title></svg>"), None);
}

#[test]
fn min_characters_refuses_short_texts_with_the_count() {
    let mut extractor = Extractor::new(Options { min_characters: 100, ..Options::default() }).unwrap();
    let reason = extractor.extract(&page_of_file("short", b"<p>The words are few.")).unwrap_err();
    assert_eq!((reason.rule, reason.value, reason.limit), ("empty-text", 15.0, 100.0));
}

#[test]
fn explaining_a_page_shows_every_block() {
    let html =
        page("Title of it", &["Home", "News"], &["The text of the page is short, but it is a text and it ends in a mark."], "Imprint");
    let explained = Extractor::new(Options::default()).unwrap().explain(&page_of_file("page", html.as_bytes())).unwrap();
    let paragraph = explained.iter().find(|block| block.text.starts_with("The text")).unwrap();
    assert!(paragraph.kept && ["cue 1 entry", "cue 2 container"].iter().all(|cue| paragraph.inputs.iter().any(|input| input == cue)));
    assert!(explained.iter().all(|block| (0.0..=1.0).contains(&block.probability)));
}

#[test]
fn what_a_page_says_to_robots_joins_what_its_header_said() {
    let said = |header: &str, media_type: &str, html: &str| {
        let body = format!("{html}<p>The words of the page are here.");
        let mut page = page_of_file("page", body.as_bytes());
        (page.opt_out, page.media_type) = (header, media_type);
        Extractor::new(Options::default()).unwrap().extract(&page).unwrap().opt_out
    };
    let of = |html: &str| said("", "text/html", html);
    assert_eq!(of("<meta name='robots' content='noai, noimageai'>").as_deref(), Some("meta:noai meta:noimageai"));
    assert_eq!(of("<META CONTENT=NoIndex NAME=ROBOTS>").as_deref(), Some("meta:noindex"));
    assert_eq!(
        of("<meta name=gptbot content=noai><meta name=TDM-Reservation content=' 1'>").as_deref(),
        Some("meta:gptbot:noai meta:tdm-reservation")
    );
    assert_eq!(of("<body><div><meta name=robots content=noml></div>").as_deref(), Some("meta:noml"));
    assert_eq!(
        of("<meta name=robots content='index, follow'><meta name=description content=noai><!-- <meta name=robots content=noai> -->"),
        None
    );
    assert_eq!(said("header:noai", "text/html", "<meta name=robots content=noai>").as_deref(), Some("header:noai meta:noai"));
    // Plain text has no markup, and its header still counts.
    assert_eq!(said("header:noai", "text/plain", "<meta name=robots content=noml>").as_deref(), Some("header:noai"));
    // The first few count, and a page of thousands costs no more than any other.
    let many = "<meta name=robots content=noindex>".repeat(8) + &"<meta name=robots content=noai>".repeat(10_000);
    assert_eq!(of(&many).as_deref(), Some("meta:noindex"));
    // However many are named, what is said to all and of rights is heard behind them.
    let named: String = (0..10).map(|n| format!("<meta name=mill{n}bot content=nosnippet>")).collect();
    let behind = of(&format!("{named}<meta name=robots content=noai><meta name=tdm-reservation content=1>")).unwrap();
    assert!(behind.contains("meta:mill0bot:nosnippet") && behind.ends_with(" meta:noai meta:tdm-reservation"), "{behind}");
    assert_eq!(of("<meta http-equiv='X-Robots-Tag' content=noai>").as_deref(), Some("meta:noai"));
    assert_eq!(of("<meta http-equiv=refresh name=robots content=noai>").as_deref(), Some("meta:noai"));
    assert_eq!(
        of("<meta name=OAI-SearchBot content=noai><meta name=Google-CloudVertexBot content=noml>").as_deref(),
        Some("meta:google-cloudvertexbot:noml meta:oai-searchbot:noai")
    );
}
