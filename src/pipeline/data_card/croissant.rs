//! The card as Croissant 1.0 (MLCommons), JSON-LD: which files there are, with sizes and SHA-256, and which fields their rows have. A set of files is told by a pattern alone:
//! readers take the files of `containedIn` for archives. Rows are described of Parquet alone: no reader of Croissant opens JSON lines under zstd.

use serde_json::{Map, Value, json};

use crate::document::Language;
use crate::error::{Error, Result};
use crate::shard::{Format, ShardRow};
use crate::store::table::{CellKind, Row};

use super::DataCard;

/// The JSON-LD document.
///
/// # Errors
/// Never for strings and numbers; a fault of ours otherwise.
pub fn of(card: &DataCard) -> Result<String> {
    let encoding = match card.format {
        Format::Parquet => "application/x-parquet",
        Format::JsonlZst => "application/zstd",
    };
    let files = card.profile.shards.iter().map(|shard| {
        json!({
            "@type": "cr:FileObject", "@id": shard.path, "name": shard.path, "contentUrl": shard.path, "contentSize": format!("{} B", shard.bytes),
            "encodingFormat": encoding, "sha256": shard.sha256,
        })
    });
    let sets = card.profile.splits.keys().map(|split| {
        json!({
            "@type": "cr:FileSet", "@id": format!("{split}-shards"), "name": format!("{split}-shards"), "encodingFormat": encoding,
            "includes": format!("shards/{split}-*"),
        })
    });
    let mut whole = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": card.name,
        "description": description(card),
        "isLiveDataset": false,
        "inLanguage": card.profile.languages.keys().filter(|code| Language::is_named(code)).collect::<Vec<_>>(),
        "distribution": files.chain(sets).collect::<Vec<_>>(),
        "recordSet": card.profile.splits.keys().filter(|_| card.format == Format::Parquet).map(|split| records(split)).collect::<Vec<_>>(),
    });
    let more: [(&str, Option<Value>); 3] = [
        ("license", card.license.as_ref().map(|license| json!(license))),
        ("url", card.url.as_ref().map(|url| json!(url))),
        (
            "creator",
            (!card.creators.is_empty())
                .then(|| card.creators.iter().map(|name| json!({ "@type": "sc:Organization", "name": name })).collect()),
        ),
    ];
    for (name, value) in more {
        if let (Some(value), Some(object)) = (value, whole.as_object_mut()) {
            object.insert(name.to_owned(), value);
        }
    }
    serde_json::to_string_pretty(&whole)
        .map(|text| text + "\n")
        .map_err(|error| Error::new("cannot write the card as Croissant").because(error))
}

fn description(card: &DataCard) -> String {
    card.description.clone().unwrap_or_else(|| {
        let sources: Vec<&str> = card.sources.iter().map(|source| source.name.as_str()).collect();
        format!("Text for training language models, made of {}.", sources.join(", "))
    })
}

/// The rows of a split: the columns of a shard, as their table declares them.
fn records(split: &str) -> Value {
    let fields = ShardRow::columns().into_iter().map(|column| {
        let kind = match column.kind {
            CellKind::Text => "sc:Text",
            CellKind::Integer => "sc:Integer",
            CellKind::Real => "sc:Float",
            CellKind::Flag => "sc:Boolean",
        };
        json!({
            "@type": "cr:Field", "@id": format!("{split}/{}", column.name), "name": column.name, "description": column.doc.trim(), "dataType": kind,
            "source": { "fileSet": { "@id": format!("{split}-shards") }, "extract": { "column": column.name } },
        })
    });
    json!({ "@type": "cr:RecordSet", "@id": split, "name": split, "field": fields.collect::<Vec<_>>() })
}

/// What the names stand for, as the specification of Croissant 1.0 lists them.
fn context() -> Value {
    let mut context = Map::new();
    let plain = [
        ("@language", "en"),
        ("@vocab", "https://schema.org/"),
        ("sc", "https://schema.org/"),
        ("cr", "http://mlcommons.org/croissant/"),
        ("rai", "http://mlcommons.org/croissant/RAI/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("equivalentProperty", "cr:equivalentProperty"),
        ("samplingRate", "cr:samplingRate"),
        ("citeAs", "cr:citeAs"),
        ("column", "cr:column"),
        ("conformsTo", "dct:conformsTo"),
        ("extract", "cr:extract"),
        ("field", "cr:field"),
        ("fileProperty", "cr:fileProperty"),
        ("fileObject", "cr:fileObject"),
        ("fileSet", "cr:fileSet"),
        ("format", "cr:format"),
        ("includes", "cr:includes"),
        ("isLiveDataset", "cr:isLiveDataset"),
        ("jsonPath", "cr:jsonPath"),
        ("key", "cr:key"),
        ("md5", "cr:md5"),
        ("parentField", "cr:parentField"),
        ("path", "cr:path"),
        ("recordSet", "cr:recordSet"),
        ("references", "cr:references"),
        ("regex", "cr:regex"),
        ("repeated", "cr:repeated"),
        ("replace", "cr:replace"),
        ("separator", "cr:separator"),
        ("source", "cr:source"),
        ("subField", "cr:subField"),
        ("transform", "cr:transform"),
    ];
    context.extend(plain.map(|(name, meaning)| (name.to_owned(), json!(meaning))));
    context.insert("data".to_owned(), json!({ "@id": "cr:data", "@type": "@json" }));
    context.insert("dataType".to_owned(), json!({ "@id": "cr:dataType", "@type": "@vocab" }));
    context.insert("examples".to_owned(), json!({ "@id": "cr:examples", "@type": "@json" }));
    Value::Object(context)
}
