//! The verdict over load levels as a whole, and its edges.

use super::*;
