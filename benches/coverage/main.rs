//! Whether the 95 % intervals of AUROCs are: simulated coverage and mean width, beside the width of DeLong's.
//!
//! `cargo bench --bench coverage`, or `-- --quick` for a tenth of the repetitions, which forgives what so few may be off by. The first table is what the interval must keep
//! to: 92 to 99.5 % in every cell, and at (2000, 50) at most 1.5 times DeLong's width; where one misses, the exit code is 1. The
//! second shows it elsewhere, falling short where the few scores of one side say less than they seem to.

mod simulation;

use std::process::ExitCode;

use anyhow::Result;

use simulation::{AREAS, Cell, Found, Scores};

const REPETITIONS: u64 = 2_000;
const QUICK: u64 = 200;
/// What the share of intervals that hold the true area must lie between.
const COVERAGE: [f64; 2] = [0.92, 0.995];
/// Negatives and positives.
const REQUIRED: [(usize, usize); 4] = [(8, 8), (20, 20), (400, 8), (2000, 50)];

fn main() -> Result<ExitCode> {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let repetitions = if is_quick { QUICK } else { REPETITIONS };

    println!(
        "required: 92 to 99.5 %; at (2000, 50) at most 1.5 times DeLong's width; {repetitions} repetitions\n{HEADER}"
    );
    // Three standard errors of a share.
    let slack = |share: f64| if is_quick { 3.0 * (share * (1.0 - share) / repetitions as f64).sqrt() } else { 0.0 };
    let [least, most] = COVERAGE;
    let covers = least - slack(least)..=most + slack(most);
    let mut missed = 0;
    for correlation in [0.0, 0.5] {
        for (negatives, positives) in REQUIRED {
            for area in AREAS {
                let cell = Cell { scores: Scores::Normal(1.0), negatives, positives, correlation, area };
                let found = cell.run(repetitions)?;
                let is_wide = positives == 50 && found.ratio() > 1.5;
                let misses = is_wide || !covers.contains(&found.coverage);
                missed += u32::from(misses);
                print(&cell, &found, if misses { "  missed" } else { "" });
            }
        }
    }

    println!("\nelsewhere\n{HEADER}");
    for cell in elsewhere() {
        print(&cell, &cell.run(repetitions)?, "");
    }
    println!("\n{missed} of 40 required cells missed");
    Ok(if missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Other sizes, correlations and distributions.
fn elsewhere() -> Vec<Cell> {
    let mut cells = Vec::new();
    for area in [AREAS[1], AREAS[3]] {
        let mut add = |scores, correlation, sizes: &[(usize, usize)]| {
            let cell = |&(negatives, positives)| Cell { scores, negatives, positives, correlation, area };
            cells.extend(sizes.iter().map(cell));
        };
        for correlation in [-0.5, 0.0, 0.9] {
            add(Scores::Normal(1.0), correlation, &[(5, 5), (50, 2000), (200, 200), (9000, 53)]);
        }
        for scores in [Scores::Normal(2.0), Scores::Normal(3.0), Scores::Exponential, Scores::Counts] {
            add(scores, 0.0, &[(20, 20), (400, 8), (2000, 50), (50, 2000)]);
        }
    }
    cells
}

const HEADER: &str = "scores           negatives  positives  correlation   AUROC  coverage    width  DeLong's   ratio";

fn print(cell: &Cell, found: &Found, mark: &str) {
    let Cell { scores, negatives, positives, correlation, area: (area, _) } = cell;
    let name = match scores {
        Scores::Normal(deviation) => format!("normal, 1 and {deviation}"),
        Scores::Exponential => "exponential".to_owned(),
        Scores::Counts => "counts".to_owned(),
    };
    let (coverage, Found { width, delong, .. }) = (100.0 * found.coverage, found);
    println!(
        "{name:<15}  {negatives:>9}  {positives:>9}  {correlation:>11}  {area:>6}  {coverage:>6.1} %  {width:>7.4}  {delong:>8.4}  {:>6.2}{mark}",
        found.ratio()
    );
}
