//! [`Memo`]: what detectors have worked out of the same images, one thing of each type, so that whoever comes next finds it.
//!
//! What is asked for is there or is made; so no order of calls matters but for time. Two threads that ask at once may both make it, and
//! the first one's is kept: a thread that waited for another could wait for its own, as the making itself runs on the threads' pool.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by their types.
#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memo {
    /// The value of that type, which `make` makes if there is none.
    pub(crate) fn get_or_make<T: Any + Send + Sync, E>(
        &self,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        match self.get() {
            Some(found) => Ok(found),
            None => make().map(|made| self.keep(made)),
        }
    }

    fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// Keeps a value unless there is one, and gives the one that is kept.
    fn keep<T: Any + Send + Sync>(&self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = values.entry(TypeId::of::<T>()).or_insert_with(|| value.clone());
        kept.clone().downcast().unwrap_or(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn each_type_is_made_once_and_a_failure_is_not_kept() {
        let memo = Memo::default();
        assert_eq!(memo.get_or_make(|| Err::<u32, _>("broken")).unwrap_err(), "broken");
        for made in [7_u32, 8] {
            assert_eq!(*memo.get_or_make(|| Ok::<_, ()>(made)).unwrap(), 7);
        }
        assert_eq!(*memo.get_or_make(|| Ok::<_, ()>("another type")).unwrap(), "another type");
        assert_eq!(*memo.keep(9_u32), 7);
    }
}
