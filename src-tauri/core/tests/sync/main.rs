//! The sync engine against scripted vendors: one binary, one file per rule group. Nothing waits on real time.

mod anew;
mod audit;
mod brake;
mod conflict;
mod connect;
mod crash;
mod decide;
mod engine;
mod held;
mod history;
mod look;
mod merge;
mod merged;
mod patience;
mod plan;
mod pull;
mod push;
mod quit;
mod resume;
mod store;
mod takeback;
mod turns;
mod twins;
mod undo;
mod versions;
mod world;
