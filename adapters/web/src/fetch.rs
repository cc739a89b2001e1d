//! HTTP, by the browser.

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;
use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetch, Fetched};
use xmpp_ws::uri::Uri;

use crate::js;

/// Gets a resource by `fetch()`, redirects followed. From another site than the page's own the browser hands it over
/// only if that site says so (CORS).
pub async fn fetch(uri: Uri) -> Fetch {
    let outcome = get(&uri).await;
    Fetch::new(uri, outcome)
}

async fn get(uri: &Uri) -> Result<Fetched, DialError> {
    let answer = JsFuture::from(js::fetch(&uri.to_string()).map_err(unreachable)?).await;
    let answer: Response = answer.map_err(unreachable)?.dyn_into().map_err(unreachable)?;
    let body = JsFuture::from(answer.array_buffer().map_err(unreachable)?).await;
    let body: ArrayBuffer = body.map_err(unreachable)?.dyn_into().map_err(unreachable)?;
    if body.byte_length() > MAX_BODY_BYTES {
        return Err(DialError::new(DialErrorKind::Unsupported, "the answer is too long"));
    }
    let body = Bytes::from(Uint8Array::new(&body).to_vec());
    Ok(Fetched::new(answer.status(), body))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unreachable(error: JsValue) -> DialError {
    DialError::new(DialErrorKind::Unreachable, js::words(&error))
}

// Precedent: a host-meta document (RFC 6415) has some hundred bytes; the largest in use are of some KiB.
const MAX_BODY_BYTES: u32 = 1024 * 1024;
