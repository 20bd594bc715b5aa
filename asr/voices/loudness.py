"""Loudness after ITU-R BS.1770 (K-weighting, gated), computed per block in the frequency domain; and levelling to a target."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_BLOCK_S = 0.4
_STEP_S = 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
_CEILING = 0.89


def integrated(samples: Floats, rate: int) -> float:
    """Integrated loudness in LUFS of mono samples in ±1; `-inf` for silence or less than one block."""
    size, step = int(_BLOCK_S * rate), int(_STEP_S * rate)
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    count = (len(samples) - size) // step + 1
    weight = _k_weight(size, rate)
    powers = np.empty(count)
    for index in range(count):
        spectrum = np.fft.rfft(samples[index * step : index * step + size].astype(np.float64))
        power = np.abs(spectrum) ** 2 * weight
        powers[index] = (2 * power.sum() - power[0]) / size**2
    levels = _OFFSET + 10 * np.log10(np.maximum(powers, 1e-12))
    kept = powers[levels > _ABSOLUTE_GATE]
    if len(kept) == 0:
        return float("-inf")
    gate = _OFFSET + 10 * np.log10(kept.mean()) + _RELATIVE_GATE
    kept = powers[(levels > _ABSOLUTE_GATE) & (levels > gate)]
    return float(_OFFSET + 10 * np.log10(kept.mean()))


def level(samples: Floats, rate: int, target: float) -> Floats:
    """The samples at the target loudness, peaks held under −1 dBFS by a smooth curve. Silence stays silence."""
    now = integrated(samples, rate)
    if now == float("-inf"):
        return samples
    out = samples * np.float32(10 ** ((target - now) / 20))
    over = np.abs(out) > _CEILING * 0.8
    knee = np.float32(_CEILING * 0.8)
    room = np.float32(_CEILING * 0.2)
    out[over] = np.sign(out[over]) * (knee + room * np.tanh((np.abs(out[over]) - knee) / room))
    return out


def _k_weight(size: int, rate: int) -> npt.NDArray[np.float64]:
    """Power response of the two K-weighting filters (BS.1770-4 annex 1, designed for `rate`) at the block's frequencies."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k = np.tan(np.pi * 1681.9744509555319 / rate)
    quality, gain = 0.7071752369554196, 10 ** (3.99984385397 / 20)
    band = gain**0.4996667741545416
    shelf = ((gain + band * k / quality + k * k) + 2 * (k * k - gain) * z + (gain - band * k / quality + k * k) * z**2) / (
        (1 + k / quality + k * k) + 2 * (k * k - 1) * z + (1 - k / quality + k * k) * z**2
    )
    k, quality = np.tan(np.pi * 38.13547087613982 / rate), 0.5003270373253953
    norm = 1 + k / quality + k * k
    high_pass = (1 - 2 * z + z**2) / (1 + 2 * (k * k - 1) / norm * z + (1 - k / quality + k * k) / norm * z**2)
    result: npt.NDArray[np.float64] = np.abs(shelf * high_pass) ** 2
    return result
