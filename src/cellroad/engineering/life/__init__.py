"""How long does it live: capacity left by published models, each within its tested conditions, never one number."""

from cellroad.engineering.life.climate import climate, equal_temperature
from cellroad.engineering.life.living import life
from cellroad.engineering.life.rainflow import cycles
from cellroad.engineering.life.result import Life
from cellroad.engineering.life.use import Use, hourly, steady

__all__ = ["Life", "Use", "climate", "cycles", "equal_temperature", "hourly", "life", "steady"]
