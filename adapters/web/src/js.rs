//! What pages and workers have alike.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);

    /// Milliseconds since some origin; goes on evenly, but may stand still while the machine sleeps.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    pub(crate) fn get_random_values(space: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub(crate) fn fetch(address: &str) -> Result<Promise, JsValue>;
}

/// Wakes somebody after a while, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Alarm {
    id: JsValue,
    rung: Rc<Cell<bool>>,
    _handler: Closure<dyn FnMut()>,
}

impl Alarm {
    pub(crate) fn set(after: Duration, waker: Waker) -> Self {
        let rung = Rc::new(Cell::new(false));
        let ringing = Rc::clone(&rung);
        let handler = Closure::<dyn FnMut()>::new(move || {
            ringing.set(true);
            waker.wake_by_ref();
        });
        let milliseconds = (after.as_secs_f64() * 1000.0).ceil().min(LONGEST);
        let id = set_timeout(handler.as_ref().unchecked_ref(), milliseconds);
        Self { id, rung, _handler: handler }
    }

    /// Whether it has woken whom it was to wake.
    pub(crate) fn has_rung(&self) -> bool {
        self.rung.get()
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// What a failed call says of itself.
pub(crate) fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        // An exception of the DOM is no `Error` of the language's own, but has the same message.
        None => js_sys::Reflect::get(error, &"message".into())
            .ok()
            .and_then(|message| message.as_string())
            .unwrap_or_else(|| "the browser does not say why".to_owned()),
    }
}

// A longer wait than 31 bits of milliseconds is over at once.
const LONGEST: f64 = 2_147_483_647.0;
