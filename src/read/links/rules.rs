//! Which links count: to pages elsewhere, not to pictures, films and sound, and not to Wikipedia, which is a data set of its own.

/// Reddit itself, its short links and its picture hosts.
const REDDIT: [&str; 6] = ["reddit.com", "redd.it", "redditmedia.com", "redditstatic.com", "reddituploads.com", "redditgifts.com"];

/// Registered domains that host pictures or films and hardly any text: those among the hundred that Reddit linked to most in a sample of 2013, their file
/// servers, and hosts of the same kind that came later. A host that is missing here adds pages of few words, which other filters drop.
#[rustfmt::skip]
const MEDIA: [&str; 45] = [
    "imgur.com", "youtube.com", "youtu.be", "vimeo.com", "dailymotion.com", "liveleak.com", "gfycat.com", "giphy.com", "streamable.com",
    "flickr.com", "staticflickr.com", "flic.kr", "photobucket.com", "tinypic.com", "imageshack.us", "imageshack.com", "imgflip.com",
    "imgbox.com", "postimg.org", "postimg.cc", "min.us", "minus.com", "quickmeme.com", "qkme.me", "memegenerator.net", "livememe.com",
    "makeagif.com", "gyazo.com", "puu.sh", "prntscr.com", "ibb.co", "vine.co", "vid.me", "twitch.tv", "metacafe.com",
    "worldstarhiphop.com", "instagram.com", "instagr.am", "pinterest.com", "deviantart.com", "deviantart.net", "fbcdn.net", "twimg.com",
    "wikimedia.org", "gifsound.com",
];

/// Extensions of files that are pictures, films or sound.
const MEDIA_FILES: [&str; 30] = [
    "jpg", "jpeg", "png", "gif", "gifv", "bmp", "webp", "svg", "tif", "tiff", "ico", "avif", "mp4", "m4v", "webm", "avi", "mov", "wmv",
    "flv", "mkv", "mpg", "mpeg", "ogv", "mp3", "m4a", "ogg", "wav", "flac", "aac", "swf",
];

/// Why a registered domain is left out, if it is.
pub(super) fn left_out_domain(domain: &str) -> Option<&'static str> {
    match domain {
        "wikipedia.org" => Some("wikipedia"),
        _ if REDDIT.contains(&domain) => Some("reddit"),
        _ if MEDIA.contains(&domain) => Some("media-host"),
        _ => None,
    }
}

/// Whether a normalised URL names a file of pictures, film or sound.
pub(super) fn is_media_file(normalised: &str) -> bool {
    let path = normalised.split('?').next().unwrap_or_default();
    let Some((host, name)) = path.trim_start_matches("http://").rsplit_once('/') else { return false };
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    !host.is_empty() && extension.is_some_and(|extension| MEDIA_FILES.contains(&extension.as_str()))
}
