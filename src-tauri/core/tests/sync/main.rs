//! The sync engine against scripted vendors: one binary, one file per rule group. Nothing waits on real time.

mod anew;
mod audit;
mod conflict;
mod connect;
mod crash;
mod decide;
mod engine;
mod merge;
mod merged;
mod plan;
mod pull;
mod push;
mod store;
mod takeback;
mod undo;
mod versions;
mod world;
