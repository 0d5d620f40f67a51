"""What is made: packs from cells, their life and certificates, the line that builds them, the roadmap."""
