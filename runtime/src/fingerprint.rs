//! The fingerprint of a configuration, which takes longer than most else that is done with one: it is worked out when somebody wants
//! it, or when there is nothing else to do.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Work = Box<dyn FnOnce() -> String + Send>;

/// SHA-256 of a configuration, as `kalc compile --fingerprint` prints it.
#[derive(Clone)]
pub struct Fingerprint(Arc<Inner>);

struct Inner {
    known: OnceLock<String>,
    work: Mutex<Option<Work>>,
}

impl Fingerprint {
    /// One that is known.
    pub fn known(text: &str) -> Fingerprint {
        Fingerprint(Arc::new(Inner { known: OnceLock::from(text.to_owned()), work: Mutex::new(None) }))
    }

    /// One that is worked out the first time it is asked for.
    pub fn later(work: impl FnOnce() -> String + Send + 'static) -> Fingerprint {
        Fingerprint(Arc::new(Inner { known: OnceLock::new(), work: Mutex::new(Some(Box::new(work))) }))
    }

    /// It, if it has been worked out.
    pub fn peek(&self) -> Option<&str> {
        self.0.known.get().map(String::as_str)
    }

    /// It; takes its time the first time.
    pub fn get(&self) -> &str {
        self.0.known.get_or_init(|| {
            let work = self.0.work.lock().unwrap_or_else(PoisonError::into_inner).take();
            // There is work until it is done.
            work.map(|work| work()).unwrap_or_default()
        })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({:?})", self.peek())
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Fingerprint) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.get() == other.get()
    }
}

impl Eq for Fingerprint {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn it_is_worked_out_once_and_when_it_is_asked_for() {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let fingerprint = Fingerprint::later(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            "abc".to_owned()
        });
        let other = fingerprint.clone();
        assert_eq!((fingerprint.peek(), count.load(Ordering::Relaxed)), (None, 0));
        assert_eq!((other.get(), fingerprint.get()), ("abc", "abc"));
        assert_eq!((fingerprint.peek(), count.load(Ordering::Relaxed)), (Some("abc"), 1));
        assert_eq!(fingerprint, Fingerprint::known("abc"));
    }
}
