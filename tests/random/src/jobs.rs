//! Playing many seeds on all processors, each on a runtime of its own with time that only moves when told to.
//!
//! Absent on purpose: what a seed does.

use anyhow::{Result, anyhow};
use std::sync::atomic::{AtomicU64, Ordering};

/// Plays one seed's future to its end.
pub fn alone<T>(seed: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(1)
        .build()?;
    Ok(runtime.block_on(seed))
}

/// As many as there are processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Plays the seeds from zero on all jobs, until there are no more or one of them says that it is enough.
pub fn on_all(jobs: usize, seeds: u64, work: impl Fn(u64) -> Result<bool> + Sync) -> Result<()> {
    let next = AtomicU64::new(0);
    let work = || -> Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= seeds {
                return Ok(());
            }
            if !work(at)? {
                next.store(seeds, Ordering::Relaxed);
            }
        }
    };
    let outcomes: Vec<Result<()>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.map(|ended| ended.unwrap_or_else(|_| Err(anyhow!("a seed panicked")))).collect()
    });
    outcomes.into_iter().collect()
}
