"""Demo data: people, products, proposals and their papers. Development only."""
