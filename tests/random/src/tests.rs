//! A few seeds with every `cargo test`.

#[test]
fn twenty_seeds_of_a_hundred_steps_keep_every_promise() {
    let seeds: Vec<u64> = (1..=20).collect();
    std::thread::scope(|scope| {
        for part in seeds.chunks(10) {
            scope.spawn(move || {
                for seed in part {
                    let played = crate::play_alone(*seed, 100, None).expect("a runtime");
                    if let Some(violation) = played.violation {
                        let last = played.trace.len().saturating_sub(30);
                        panic!("seed {seed}: {violation}\n{}", played.trace[last..].join("\n"));
                    }
                }
            });
        }
    });
}

#[test]
fn a_seed_plays_the_same_way_twice() {
    let played = || crate::play_alone(7, 100, None).expect("a runtime").trace;
    assert_eq!(played(), played());
}
