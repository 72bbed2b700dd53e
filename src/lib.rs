//! Muavu (mùa vụ, "crop season"): forecasts of farm-production risks for Vĩnh Long province, and
//! the reviewed advice that follows from them.
//!
//! # The flow
//! ```text
//! sources ──► check ──► lake ──► features ──► forecast ──► advise ──► review ──► publish
//! weather     units,    Parquet  panels on     linfa +      rules as   agronomist  API, text,
//! market      ranges,   by var-  a regular     baselines,   data with  approves,   JSON
//! crop        QC flags, iable    step, only    quantiles,   evidence   amends,
//! hydrology   quaran-   and      what was      gate: beats             rejects,
//! sensors     tine      year     known then    baselines               withdraws
//! ```
//! A morning's run walks that list once ([`pipeline`]); `--as-of T` walks it as if it were T; a
//! backtest is nothing but many as-ofs.
//!
//! # The rooms, in reading order
//! Each room imports only rooms above it, and `tests/arch.rs` checks that; siblings meet in the
//! tables of [`frames`]. A new source, target or rule is one file and one line in its room's list.
//!
//! | room | holds | I/O |
//! |---|---|---|
//! | [`domain`] | places, times, variables, quantiles, crops, severities, faults | none |
//! | [`frames`] | the tables: schema, checks, rows ↔ Arrow ↔ Polars | none |
//! | [`agronomy`] | published science: tide, moon, salinity, along-river profile, evaporation, water balances, growth, disease | none |
//! | [`sources`] | one file a provider: a promise, a pure parser, a thin fetch; the archive import | network, disk |
//! | [`storage`] | the lake (Delta tables) and the record store (SQLite) | disk, database |
//! | [`features`] | panels, and the guard that lets no feature see the future | none |
//! | [`forecast`] | baselines, learned models, recipes, targets, the any-panel engine, backtests, scores, cards | none |
//! | [`advisory`] | rules as data with their own cases, deciding, wording | none |
//! | [`review`] | states, policy, audit; makes `Approved<Advisory>` | none |
//! | [`publish`] | API, pages, charts, JSON and text; advice only when approved | network, disk |
//! | [`pipeline`] | the list of steps; the only glue | through the others |
//! | [`ops`] | settings, clock, telemetry, doctor | environment |
//! | [`cli`] | one file a command | terminal |
//!
//! # Times
//! Every value carries `valid_time` (when it is true), `available_at` (when anyone could have
//! known it) and `ingested_at`. A forecast has an `issued_at` and may read only rows with
//! `available_at <= issued_at`. Storage is UTC; days are local days (UTC+07:00). No pure room
//! reads a clock.
//!
//! Decisions that shaped this are in `src/decisions/`, one page each.

pub mod domain;
pub mod frames;
pub mod agronomy;
pub mod sources;
pub mod storage;
pub mod features;
pub mod forecast;
pub mod advisory;
pub mod review;
pub mod publish;
pub mod pipeline;
pub mod ops;
pub mod cli;
