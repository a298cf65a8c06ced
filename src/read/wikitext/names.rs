//! What wikis of some languages call files, categories, redirects and pages that tell meanings apart. A dump's own names come on top (its `siteinfo`).

use std::collections::BTreeSet;

use crate::text::references::References;

/// Namespaces of files. Links into them show a picture, not a text.
const FILES: &str = "file image datei bild fichier archivo imagen ficheiro arquivo imagem immagine bestand afbeelding plik grafika файл изображение \
    зображення ファイル 画像 文件 档案 檔案 图像 圖像 파일 그림 ملف صورة پرونده تصویر קובץ תמונה fil billede tiedosto kuva soubor obrázek súbor obrázok fájl kép \
    dosya resim αρχείο εικόνα fișier fişier imagine berkas gambar tập_tin hình ไฟล์ ภาพ चित्र ছবি dosiero fitxer imatge fitxategi irudi датотека слика картинка датотека \
    datoteka slika vaizdas attēls pilt skrá mynd падарунак выява файл skedar դուստր պատկեր";

/// Namespaces of categories. Links into them stand at the foot of a page.
const CATEGORIES: &str = "category kategorie catégorie categoría categoria categorie kategoria категория категорія カテゴリ 分类 分類 분류 تصنيف رده קטגוריה kategori \
    luokka kategória κατηγορία thể_loại หมวดหมู่ श्रेणी বিষয়শ্রেণী kategorio kategorija категорија kategooria flokkur катэгорыя";

/// Keywords of redirects behind their `#`.
const REDIRECTS: &str = "redirect weiterleitung redirection redirección redireccion redirecionamento rinvia rimando doorverwijzing patrz przekieruj tam перенаправление \
    перенапр перенаправлення 転送 リダイレクト 重定向 넘겨주기 تحويل تغییر_مسیر תغییرمسیر הפניה omdirigering viderestilling omdirigér ohjaus uudelleenohjaus přesměruj \
    presmeruj átirányítás yönlendirme yönlendi̇rme ανακατευθυνση redirecţionare redirecționare alih đổi เปลี่ยนทาง पुनर्प्रेषित alidirektu birzuzendu преусмери preusmjeri \
    preusmeritev peradresavimas suunamine tilvísun redirecció";

/// Templates on pages that only tell meanings of a word apart. In English any name that ends in `disambiguation` counts too.
const DISAMBIGUATIONS: &str = "disambiguation disambig disamb dab hndis geodis begriffsklärung homonymie patronyme toponymes desambiguación disambigua \
    desambiguação desambig dp dpintro ujednoznacznienie неоднозначность многозначность неоднозначність багатозначність aimai 曖昧さ回避 人名の曖昧さ回避 地名の曖昧さ回避 消歧义 消歧義 동음이의 \
    동명이인 توضيح ابهام‌زدایی פירושונים förgrening gren flertydig peker täsmennyssivu rozcestník rozlišovacia_stránka egyért anlam_ayrımı αποσαφήνιση \
    desambiguació dezambiguizare định_hướng แก้กำกวม बहुविकल्पी apartigilo argipen вишезначна_одредница razdvojba razločitev пояснение nuorodinis täpsustus täpsustuslehekülg \
    aðgreining неадназначнасць bisongidila numbdis mathdab schooldis hospitaldis";

/// Prefixes of links to the same article in another language that are not of two or three small letters.
const LANGUAGES: &str = "simple be-tarask be-x-old zh-yue zh-min-nan zh-classical bat-smg roa-rup roa-tara fiu-vro map-bms nds-nl cbk-zam";

/// Prefixes of two or three letters that lead to other projects; such links show their text.
const PROJECTS: [&str; 1] = ["voy"];

/// Names that a dump uses, in lower case with spaces.
#[derive(Debug)]
pub(in crate::read) struct Names {
    files: BTreeSet<String>,
    categories: BTreeSet<String>,
    disambiguations: BTreeSet<String>,
    /// Made once, because it is sorted when it is made.
    pub(super) references: References,
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A page; the link shows its text.
    Page,
    /// A file, a category or another language's article: nothing stands where the link does.
    Aside,
}

impl Default for Names {
    fn default() -> Self {
        let set = |list: &str| list.split_ascii_whitespace().map(|name| name.replace('_', " ")).collect();
        Self { files: set(FILES), categories: set(CATEGORIES), disambiguations: set(DISAMBIGUATIONS), references: References::default() }
    }
}

impl Names {
    /// A name of a dump's own: of namespace 6, files, or 14, categories.
    pub fn learn(&mut self, key: &str, name: &str) {
        match key.trim() {
            "6" => _ = self.files.insert(plain(name)),
            "14" => _ = self.categories.insert(plain(name)),
            _ => {}
        }
    }

    /// What the target of a link is, by what stands before its first colon.
    pub(super) fn target(&self, target: &str) -> Target {
        // The longest name is short; a longer prefix is part of a title, and is not looked at.
        let Some((prefix, rest)) = target.split_once(':').filter(|(prefix, _)| !prefix.is_empty() && prefix.len() <= 60) else {
            return Target::Page;
        };
        let is_code = matches!(prefix.len(), 2 | 3) && prefix.bytes().all(|byte| byte.is_ascii_lowercase()) && !PROJECTS.contains(&prefix);
        if (is_code || LANGUAGES.split(' ').any(|code| code == prefix)) && !rest.starts_with(' ') && !rest.is_empty() {
            return Target::Aside;
        }
        let name = plain(prefix);
        if self.files.contains(&name) || self.categories.contains(&name) { Target::Aside } else { Target::Page }
    }

    /// Whether a template of this name, in lower case with spaces, stands on pages that only tell meanings apart.
    pub(super) fn is_disambiguation(&self, template: &str) -> bool {
        self.disambiguations.contains(template) || template.ends_with(" disambiguation") && !template.starts_with("for ")
    }
}

/// In lower case, with single spaces for underscores and none around.
pub(super) fn plain(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| c == '_' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

/// Whether a source is a redirect: `#REDIRECT [[Page]]`, in the languages' words.
pub(in crate::read) fn is_redirect(source: &str) -> bool {
    let Some(rest) = source.trim_start().strip_prefix(['#', '＃']) else { return false };
    let end = rest.find(['[', ':', '：']).filter(|end| *end <= 80);
    let Some(end) = end else { return false };
    let keyword = plain(&rest[..end]).replace(' ', "_");
    REDIRECTS.split_ascii_whitespace().any(|known| known == keyword)
        && rest[end..].trim_start_matches([':', '：', ' ', '\n']).starts_with("[[")
}
