//! A host's metadata as JSON (RFC 6415 § A).

use serde::Deserialize;

use super::{Problem, is_endpoint, shortened};

/// What is read of it. `serde_json` skips the rest without recursion.
#[derive(Deserialize)]
struct Document {
    links: Option<Vec<Link>>,
}

#[derive(Deserialize)]
struct Link {
    rel: Option<String>,
    href: Option<String>,
}

/// The addresses of all links to WebSocket endpoints; empty for a link without one.
pub(super) fn endpoints(text: &str) -> Result<Vec<String>, Problem> {
    // RFC 8259 § 8.1: a byte order mark may be ignored.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Document =
        serde_json::from_str(text).map_err(|error| Problem::Json(shortened(&error.to_string())))?;
    let links = document.links.unwrap_or_default().into_iter();
    let links = links.filter(|link| link.rel.as_deref().is_some_and(is_endpoint));
    Ok(links.map(|link| link.href.unwrap_or_default()).collect())
}
