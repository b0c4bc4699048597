//! Calls of one function after the other with many values, all at the same time, and which of them panic or hang.

use std::{any::Any, collections::BTreeSet, fmt::Debug, future::Future, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

/// A call that waits is cut off after this; it has begun to wait by then.
const CUT: Duration = Duration::from_secs(3);
/// A call that is not over by then hangs.
const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) struct Sweep {
    pub(crate) covered: BTreeSet<&'static str>,
    pub(crate) calls: JoinSet<Option<String>>,
    /// So many calls run at the same time, so that each gets its answers before it is cut off.
    calling: Arc<Semaphore>,
    /// So many fakes are there at the same time; further ones would wait to be started.
    fakes: Arc<Semaphore>,
}

impl Sweep {
    pub(crate) fn new() -> Self {
        Self {
            covered: BTreeSet::new(),
            calls: JoinSet::new(),
            calling: Arc::new(Semaphore::new(32)),
            fakes: Arc::new(Semaphore::new(16)),
        }
    }

    /// Calls it with each value, all at the same time.
    pub(crate) fn with<V, F>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = V>,
        call: impl Fn(V) -> F + Clone + 'static,
    ) where
        V: Clone + Debug + 'static,
        F: Future,
    {
        self.refusing(name, "", values, call);
    }

    /// As `with`, for a function that is documented to panic with these words on what it refuses.
    pub(crate) fn refusing<V, F>(
        &mut self,
        name: &'static str,
        words: &'static str,
        values: impl IntoIterator<Item = V>,
        call: impl Fn(V) -> F + Clone + 'static,
    ) where
        V: Clone + Debug + 'static,
        F: Future,
    {
        self.covered.insert(name);
        for value in values {
            let (call, shown) = (call.clone(), format!("{name} with {value:?}"));
            let turns = Arc::clone(if name.starts_with("fake::") { &self.fakes } else { &self.calling });
            self.calls.spawn_local(async move {
                let _turn = turns.acquire().await;
                let call = tokio::task::spawn_local(async move { drop(timeout(CUT, call(value)).await) });
                match timeout(PATIENCE, call).await {
                    Ok(Ok(())) => None,
                    Ok(Err(panic)) => {
                        let said = text(panic.into_panic().as_ref());
                        let documented = !words.is_empty() && said.contains(words);
                        (!documented).then(|| format!("{shown} panics: {said}"))
                    }
                    Err(_) => Some(format!("{shown} hangs")),
                }
            });
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something").to_owned()
}
