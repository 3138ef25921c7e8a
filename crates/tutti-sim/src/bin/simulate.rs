//! scratch
use tutti_sim::random::*;
fn main() {
    let n: u64 = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(50);
    if let Ok(seed) = std::env::var("SEED") {
        let s = Scenario::new(seed.parse().unwrap_or(0));
        println!("{:#}", s.draft.document);
        println!("{:?}", s.weather);
        let p = play(&s, true);
        for l in &p.trace {
            println!("{l}");
        }
        println!("{:?}", p.broken);
        return;
    }
    let mut ends = std::collections::BTreeMap::<&str, u64>::new();
    let mut events = 0;
    let mut all = Notes::default();
    let t = std::time::Instant::now();
    let mut by = std::collections::BTreeMap::<&str, Vec<(u64, String)>>::new();
    for seed in 0..n {
        let p = play(&Scenario::new(seed), false);
        for a in &p.notes.arrows {
            if a[0] == "run" && a[1] != a[3] && a[3] != "running" && !a[3].starts_with("wait") {
                *ends.entry(a[3]).or_insert(0) += 1;
            }
        }
        events += p.notes.tested.get("what was spent is never forgotten").copied().unwrap_or(0);
        all.arrows.extend(p.notes.arrows);
        for (k, v) in p.notes.tested {
            *all.tested.entry(k).or_default() += v;
        }
        if std::env::var("WHY").is_ok() {
            println!("WHY {} {}", seed, p.reason);
        }
        if let Some(b) = p.broken {
            by.entry(b.promise).or_default().push((seed, b.detail));
        }
    }
    for a in &all.arrows {
        println!("{a:?}");
    }
    for (p, n) in &all.tested {
        println!("{n:>9} {p}");
    }
    for (p, v) in &by {
        println!("BROKEN {} x {p}", v.len());
        for (s, d) in v.iter().take(4) {
            println!("   {s}: {}", d.chars().take(300).collect::<String>());
        }
    }
    println!("{ends:?} {events}");
    println!("{:?}", t.elapsed());
}
