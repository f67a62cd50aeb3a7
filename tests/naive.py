"""Slow oracles: loops over plain numbers that share no helper with the packages they check.

Every kernel and every vectorised computation is held against one of these. One section an area.
"""

import cmath
import math

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

# --- data sets ---------------------------------------------------------------------------------


def oriented_gradients(photo):
    """Histogram of oriented gradients of one colour image (side, side, 3), pixel by pixel."""
    side = len(photo)
    cells = side // 4
    luma = [[0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] for p in map(list, row)] for row in photo]
    luma = [[float(value) for value in row] for row in luma]
    histogram = [[[0.0] * 8 for _ in range(cells)] for _ in range(cells)]
    for r in range(side):
        for c in range(side):
            across = luma[r][c + 1] - luma[r][c - 1] if 0 < c < side - 1 else 0.0
            down = luma[r + 1][c] - luma[r - 1][c] if 0 < r < side - 1 else 0.0
            magnitude = math.sqrt(across**2 + down**2)
            position = math.atan2(down, across) % math.pi / math.pi * 8
            share = position % 1.0
            cell = histogram[r // 4][c // 4]
            cell[int(position) % 8] += magnitude * (1.0 - share)
            cell[(int(position) + 1) % 8] += magnitude * share
    flat = [math.sqrt(value) for row in histogram for cell in row for value in cell]
    mean = sum(flat) / len(flat)
    spread = math.sqrt(sum((value - mean) ** 2 for value in flat) / len(flat))
    return [(value - mean) / spread for value in flat]


# --- the time-multiplexed loop -----------------------------------------------------------------


def splitmix(state, key):
    """One step of the splitmix64 finaliser over a chained key (Steele, Lea, Flood 2014)."""
    mask = (1 << 64) - 1
    z = ((state ^ key) + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def normal(keys, lane):
    """Box and Muller's normal of one lane under (seed, stream, inference, slot, sample)."""
    state = 0
    for key in keys:
        state = splitmix(state, key)
    pair = lane // 2
    u = ((splitmix(state, 2 * pair) >> 11) + 1) * 2.0**-53
    v = (splitmix(state, 2 * pair + 1) >> 11) * 2.0**-53
    turn = math.cos if lane % 2 == 0 else math.sin
    return math.sqrt(-2 * math.log(u)) * turn(2 * math.pi * v)


class SwitchBank:
    """The L_W paths of one end on one lane, stepped sample by sample from what they really are."""

    def __init__(self, isolation_db, transient, tau, phases):
        self.leak = 10 ** (-isolation_db / 20)
        self.transient, self.tau, self.phases = transient, tau, phases
        self.selected, self.clock = 0, None
        self.old = self.now = self.settled(0)

    def settled(self, bank):
        return [
            1.0 if k == bank else self.leak * cmath.exp(1j * phase)
            for k, phase in enumerate(self.phases)
        ]

    def select(self, bank):
        if bank != self.selected:
            self.selected, self.clock, self.old = bank, 0.0, self.now

    def step(self, dt):
        new = self.settled(self.selected)
        if self.clock is None:
            self.now = new
            return new
        self.clock += dt
        q = math.exp(-self.clock / self.tau)
        if self.transient == "gate":
            self.now = [n + (o - n) * q for n, o in zip(new, self.old, strict=True)]
        else:
            x = 1 - q
            rise, fall = math.sin(math.pi * x / 2), math.cos(math.pi * x / 2)
            self.now = [n * rise + o * fall for n, o in zip(new, self.old, strict=True)]
        return self.now


def loop_electronics(m, outputs, bias, layer, before):
    """The state behind the receivers' outputs of one sample: gains, f, and a share of the old one.

    ``m`` may hold level (of the gain control), slot_gain (one a layer) and skip.
    """
    control, gains, skip = 1.0, m.get("slot_gain"), m.get("skip", 0.0)
    if m.get("level") is not None:
        power = sum(v * v for v in outputs) / len(outputs)
        control = m["level"] / math.sqrt(power + (m["level"] / 100) ** 2)
    gain = control * (1.0 if gains is None else gains[layer])
    fresh = [m["f"](gain * v + b) for v, b in zip(outputs, bias, strict=True)]
    return [(1 - skip) * new + skip * old for new, old in zip(fresh, before, strict=True)]


def time_multiplexed_loop(m, inputs):
    """Run inferences through the loop of PHYSICS §6, sample by sample, in watts and amperes.

    ``m`` holds plain numbers and lists: machine, layers (bank of each), J, S, T_s, laser_power,
    lo_power, loss (power transmission of the whole selected path), responsivity, dark_current,
    saturation, tau, thermal (A²/Hz), noise (None or (seed, step, first)), guard, the ends ``ends``
    as dictionaries for SwitchBank with phases [bank][lane], W [bank][out][in] complex, c and b
    [bank][lane], gain, f, fed, settled (switches without transients). Returns h[L_T] per inference.
    """
    n, J, S = len(inputs[0]), m["J"], m["S"]
    dt = m["T_s"] / S
    q_e = 1.602176634e-19
    pole = math.exp(-dt / m["tau"])
    carrier = math.sqrt(m["laser_power"] / n)
    amplitude = math.sqrt(m["loss"])
    oscillator = math.sqrt(m["lo_power"])
    g = m["gain"]
    if m["machine"] == "homodyne":
        receiver = g / (2 * m["responsivity"] * carrier * oscillator * amplitude)
    else:
        receiver = g**2 / (m["responsivity"] * carrier**2 * amplitude**2)
    results = [None] * len(inputs)

    def diode(power):
        return m["responsivity"] * power / (1 + power / m["saturation"])

    for group in range(0, len(inputs), J):
        ends = [
            [
                SwitchBank(e["isolation_db"], e["transient"], e["tau"], [p[i] for p in e["phases"]])
                for i in range(n)
            ]
            for e in m["ends"]
        ]
        threads = [inputs[group + j] if group + j < len(inputs) else None for j in range(J)]
        waves = [None if x is None else [list(x)] * S for x in threads]
        y = [0.0] * n
        for layer, bank in enumerate(m["layers"]):
            for j in range(J):
                wave = waves[j]
                traces = []
                for end in ends:
                    for lane in end:
                        lane.select(bank)
                for s in range(S):
                    if m["settled"]:
                        first, last = ([lane.settled(bank) for lane in end] for end in ends)
                    else:
                        first, last = ([lane.step(dt) for lane in end] for end in ends)
                    drive = [0.0] * n if wave is None else wave[s]
                    for i in range(n):
                        field = 0j
                        for k, W in enumerate(m["W"]):
                            for l in range(n):
                                light = carrier * drive[l] * first[l][k]
                                field += last[i][k] * W[i][l] / g * light * amplitude
                        if m["machine"] == "square_law":
                            field += m["c"][bank][i] * carrier * amplitude / g
                            light = diode(abs(field) ** 2)
                            current, shot = light, light + m["dark_current"]
                        else:
                            plus = diode(abs(field + oscillator) ** 2 / 2)
                            minus = diode(abs(field - oscillator) ** 2 / 2)
                            current, shot = plus - minus, plus + minus + 2 * m["dark_current"]
                        if m["noise"] is not None:
                            seed, step, offset = m["noise"]
                            density = 2 * q_e * shot + m["thermal"]
                            variance = density / (4 * m["tau"]) * (1 + pole) / (1 - pole)
                            keys = (seed, step, offset + group + j, layer * J + j, 1 + s)
                            current += math.sqrt(variance) * normal(keys, i)
                        if (s + 1) * dt <= m["guard"] * (1 + 1e-12):
                            current = 0.0
                        y[i] = pole * y[i] + (1 - pole) * current
                    outputs = [receiver * v for v in y]
                    traces.append(loop_electronics(m, outputs, m["b"][bank], layer, drive))
                if wave is not None:
                    waves[j] = traces if m["fed"] else [traces[-1]] * S
        for j in range(J):
            if waves[j] is not None:
                results[group + j] = waves[j][-1]
    return results


def incoherent_loop(m, inputs):
    """Run inferences through a machine of powers or of currents, in watts, volts and amperes.

    ``m`` as for `time_multiplexed_loop`, but one end ``end`` (its ``loss`` is of the whole path);
    W [bank][out][in] real. Powers: ``sums`` S [bank][out][in] are what both diodes of a pair see.
    Currents: full_scale (A), charge (C) and its tau, junction_noise (A²/Hz) of a conductance of 1,
    ``conductance`` [bank][out].
    """
    n, J, S = len(inputs[0]), m["J"], m["S"]
    dt = m["T_s"] / S
    q_e = 1.602176634e-19
    pole = math.exp(-dt / m["tau"])
    g, powers = m["gain"], m["machine"] == "intensity"
    if powers:
        unit = m["laser_power"] / n * m["loss"] / g
        receiver = 1 / (m["responsivity"] * unit)
    else:
        unit = m["full_scale"] * math.sqrt(m["loss"]) / g
        receiver = 1 / unit
    results = [None] * len(inputs)

    def diode(power):
        return m["responsivity"] * power / (1 + power / m["saturation"])

    def factor(coefficient):
        return abs(coefficient) ** 2 if powers else coefficient.real

    e = m["end"]
    for group in range(0, len(inputs), J):
        lanes = [
            SwitchBank(e["isolation_db"], e["transient"], e["tau"], [p[i] for p in e["phases"]])
            for i in range(n)
        ]
        threads = [inputs[group + j] if group + j < len(inputs) else None for j in range(J)]
        waves = [None if x is None else [list(x)] * S for x in threads]
        y, pulses, last_bank, clock = [0.0] * n, [], m["layers"][0], 0
        for layer, bank in enumerate(m["layers"]):
            for j in range(J):
                wave, traces = waves[j], []
                if bank != last_bank:
                    pulses.append(clock)
                    last_bank = bank
                for lane in lanes:
                    lane.select(bank)
                for s in range(S):
                    path = [lane.settled(bank) if m["settled"] else lane.step(dt) for lane in lanes]
                    drive = [0.0] * n if wave is None else wave[s]
                    injected = 0.0
                    for start in pulses:
                        t = (clock - start) * dt
                        left = math.exp(-t / e["tau"]) - math.exp(-(t + dt) / e["tau"])
                        injected += m.get("charge", 0.0) * left / dt
                    clock += 1
                    for i in range(n):
                        signal = total = 0.0
                        for k, W in enumerate(m["W"]):
                            for l in range(n):
                                signal += W[i][l] * factor(path[l][k]) * drive[l] * unit
                                if powers:
                                    share = m["sums"][k][i][l] * factor(path[l][k])
                                    total += share * drive[l] * unit
                        if powers:
                            up, down = diode((total + signal) / 2), diode((total - signal) / 2)
                            current = up - down
                            dark = 2 * len(m["W"]) * m["dark_current"]
                            density = 2 * q_e * (up + down + dark) + m["thermal"]
                        else:
                            current = signal
                            junctions = m["junction_noise"] * m["conductance"][bank][i]
                            density = junctions * m["loss"] + m["thermal"]
                        if m["noise"] is not None:
                            seed, step, offset = m["noise"]
                            variance = density / (4 * m["tau"]) * (1 + pole) / (1 - pole)
                            keys = (seed, step, offset + group + j, layer * J + j, 1 + s)
                            current += math.sqrt(variance) * normal(keys, i)
                        current += injected
                        if (s + 1) * dt <= m["guard"] * (1 + 1e-12):
                            current = 0.0
                        y[i] = pole * y[i] + (1 - pole) * current
                    outputs = [receiver * v for v in y]
                    traces.append(loop_electronics(m, outputs, m["b"][bank], layer, drive))
                if wave is not None:
                    waves[j] = traces if m["fed"] else [traces[-1]] * S
        for j in range(J):
            if waves[j] is not None:
                results[group + j] = waves[j][-1]
    return results


# --- meshes ------------------------------------------------------------------------------------


def mesh_cells(n, depth, layout):
    """(column, entry, mode) of every interferometer, in the order of the light.

    The triangle is built from its own definition: row r = N−1 … 1 nulls modes 0 … r−1, and every
    interferometer stands in the first column that is free on both of its modes.
    """
    if layout == "clements":
        return [(column, m // 2, m) for column in range(depth) for m in range(column % 2, n - 1, 2)]
    free, cells = [0] * n, []
    for r in range(n - 1, 0, -1):
        for m in range(r):
            column = max(free[m], free[m + 1])
            free[m] = free[m + 1] = column + 1
            cells.append((column, m // 2, m))
    return sorted(cells)


def mesh_matrix(theta, phi, screen, alpha, beta, column_transmission, arm_transmission, layout):
    """A mesh by unit vectors, part by part: phase, splitter, arm, splitter. Errors (C, N//2)."""
    n, depth = len(screen), len(theta)
    cells = mesh_cells(n, depth, layout)
    matrix = [[0j] * n for _ in range(n)]
    for j in range(n):
        light = [complex(i == j) for i in range(n)]
        for column, k, m in cells:
            top, low = light[m] * cmath.exp(1j * phi[column][k]), light[m + 1]
            angle = math.pi / 4 + alpha[column][k]
            top, low = (
                math.cos(angle) * top + 1j * math.sin(angle) * low,
                1j * math.sin(angle) * top + math.cos(angle) * low,
            )
            top *= math.sqrt(arm_transmission[column][k]) * cmath.exp(1j * theta[column][k])
            angle = math.pi / 4 + beta[column][k]
            light[m] = math.cos(angle) * top + 1j * math.sin(angle) * low
            light[m + 1] = 1j * math.sin(angle) * top + math.cos(angle) * low
        for i in range(n):
            matrix[i][j] = column_transmission**depth * cmath.exp(1j * screen[i]) * light[i]
    return matrix


def warmed_mesh_phases(theta, phi, screen, attenuators, *, strength, decay, half_wave):
    """Phases under the powers of one rectangle's heaters, heater by heater; NaN: no heater.

    Lengths are in units of the heaters' pitch.
    """
    powers = theta, phi, screen, attenuators
    found = [np.full(part.shape, math.nan) for part in powers]
    columns, n = len(theta), len(screen)
    heaters = []
    for c, k, m in mesh_cells(n, columns, "clements"):
        heaters.append((0, (c, k), 2 * c + 1, m))
        heaters.append((1, (c, k), 2 * c, m))
    for m in range(n):
        heaters.append((2, (m,), 2 * columns, m))
        heaters.append((3, (m,), 2 * columns + 1, m))
    for kind, at, x, y in heaters:
        heat = 0.0
        for other, there, u, v in heaters:
            own = other == kind and there == at
            share = 1.0 if own else strength * math.exp(-math.hypot(x - u, y - v) / decay)
            heat += share * powers[other][there]
        found[kind][at] = math.pi * heat / half_wave
    return found


# --- ring weight banks -------------------------------------------------------------------------


def ring_powers(phase, a, r1, r2):
    """(T_p, T_d) of an add-drop ring from its fields, summed like any feedback loop's."""
    turn = a * cmath.exp(1j * phase)
    inside = 1 / (1 - r1 * r2 * turn)
    through = r1 - (1 - r1**2) * r2 * turn * inside
    drop = math.sqrt((1 - r1**2) * (1 - r2**2) * a) * cmath.exp(0.5j * phase) * inside
    return abs(through) ** 2, abs(drop) ** 2


def ring_bank(detuning, spacing, spectral_range, a, r1, r2, crosstalk=True):
    """(T_d − T_p, T_d + T_p) of one bank [row][ring], ring by ring. Everything else in Hz."""
    loop = a * r1 * r2
    half = 2 * math.asin((1 - loop) / (2 * math.sqrt(loop))) / (2 * math.pi) * spectral_range
    n = len(detuning)
    difference, total = ([[0.0] * n for _ in range(n)] for _ in range(2))
    for i in range(n):
        for j in range(n):
            left, dropped = 1.0, 0.0
            for k in range(n) if crosstalk else [j]:
                above = j * spacing - (k * spacing + detuning[i][k] * half)
                passed, taken = ring_powers(2 * math.pi * above / spectral_range, a, r1, r2)
                dropped += left * taken
                left *= passed
            difference[i][j], total[i][j] = dropped - left, dropped + left
    return difference, total


def ring_slots(detuning, powers, paths, weights, spacing, spectral_range, a, r1, r2, trips):
    """What slots of held light read of rings with memory, round trip by round trip.

    Rings detuning[k][i][j], powers[u][j], paths[u][k][s], weights[2][s], `trips` round trips to a
    sample. In every trip light enters at the input coupler, goes round, and leaves at both. Other
    rings than a channel's own are as they settle. Returns [u][2][i].
    """
    loop = a * r1 * r2
    half = 2 * math.asin((1 - loop) / (2 * math.sqrt(loop))) / (2 * math.pi) * spectral_range
    k1, k2 = math.sqrt(1 - r1**2), math.sqrt(1 - r2**2)
    n = len(powers[0])
    planes = [[[0.0] * n, [0.0] * n] for _ in powers]
    for k, i, j in [(k, i, j) for k in range(len(detuning)) for i in range(n) for j in range(n)]:
        row = detuning[k][i]
        others = [
            ring_powers(
                2 * math.pi * ((j - l) * spacing - row[l] * half) / spectral_range, a, r1, r2
            )
            for l in range(n)
        ]
        phase = -2 * math.pi * row[j] * half / spectral_range
        inside = 0j  # just behind the input coupler
        for u, power in enumerate(powers):
            for s, path in enumerate(paths[u][k]):
                light = math.sqrt(power[j]) * path
                for _ in range(trips):
                    inside = 1j * k1 * light + r1 * r2 * a * cmath.exp(1j * phase) * inside
                drop = 1j * k2 * math.sqrt(a) * cmath.exp(0.5j * phase) * inside
                through = r1 * light + 1j * k1 * r2 * a * cmath.exp(1j * phase) * inside
                left, share, dropped = abs(light) ** 2, 1.0, 0.0
                for l in range(n):
                    if l == j:
                        dropped += share * abs(drop) ** 2
                        left = share * abs(through) ** 2
                    else:
                        passed, taken = others[l]
                        dropped += left * taken
                        left *= passed
                        share *= passed
                planes[u][0][i] += weights[0][s] * (dropped - left)
                planes[u][1][i] += weights[1][s] * (dropped + left)
    return planes


# --- crossbars ---------------------------------------------------------------------------------


def crossbar_currents(gamma):
    """Currents into the receivers of one array per volt at each driver, by Kirchhoff's laws.

    ``gamma`` [word line][bit line] in units of a wire segment's conductance. Returns
    [driver][receiver] in the same unit.
    """
    m, n = len(gamma), len(gamma[0])
    size = 2 * m * n
    matrix = np.zeros((size, size))

    def word(j, o):
        return j * n + o

    def bit(j, o):
        return m * n + j * n + o

    def join(a, b, conductance):
        matrix[a, a] += conductance
        matrix[b, b] += conductance
        matrix[a, b] -= conductance
        matrix[b, a] -= conductance

    for j in range(m):
        matrix[word(j, 0), word(j, 0)] += 1.0
        for o in range(n):
            join(word(j, o), bit(j, o), gamma[j][o])
            if o + 1 < n:
                join(word(j, o), word(j, o + 1), 1.0)
            if j + 1 < m:
                join(bit(j, o), bit(j + 1, o), 1.0)
    for o in range(n):
        matrix[bit(m - 1, o), bit(m - 1, o)] += 1.0
    currents = []
    for driver in range(m):
        source = np.zeros(size)
        source[word(driver, 0)] = 1.0
        volts = np.linalg.solve(matrix, source)
        currents.append([volts[bit(m - 1, o)] for o in range(n)])
    return currents


# --- circuits of any wiring --------------------------------------------------------------------


def circuit_scattering(matrices, connections, ports):
    """S between external ports from the waves of all ports at once.

    `matrices` are the components' S, one after the other; ports are numbered through them.
    Unknowns are what enters (a) and what leaves (b) every port: b = S a inside a component,
    a = b of the partner at a connection, a given at an external port, a = 0 at an open one.
    """
    count = sum(len(matrix) for matrix in matrices)
    system = np.zeros((2 * count, 2 * count), dtype=complex)
    first = 0
    for matrix in matrices:
        for out in range(len(matrix)):
            system[first + out, count + first + out] = 1.0
            for into in range(len(matrix)):
                system[first + out, first + into] = -matrix[out][into]
        first += len(matrix)
    partner = {}
    for a, b in connections:
        partner[a], partner[b] = b, a
    for port in range(count):
        system[count + port, port] = 1.0
        if port in partner:
            system[count + port, count + partner[port]] = -1.0
    total = np.zeros((len(ports), len(ports)), dtype=complex)
    for column, lit in enumerate(ports):
        drive = np.zeros(2 * count, dtype=complex)
        drive[count + lit] = 1.0
        waves = np.linalg.solve(system, drive)
        for row, seen in enumerate(ports):
            total[row, column] = waves[count + seen]
    return total


def coupled_rings_through(phase, transmission, couplings):
    """Through field of a chain of rings, from its far end: each ring sees the next as a mirror.

    T = (r − a e^{iφ} T')/(1 − r a e^{iφ} T'), T' the through field of the chain behind it.
    """
    turn = transmission * cmath.exp(1j * phase)
    field = couplings[-1]
    for r in reversed(couplings[:-1]):
        field = (r - turn * field) / (1 - r * turn * field)
    return field


# --- circuits in time --------------------------------------------------------------------------


def lagrange_weights(samples, order):
    """{delay: weight} of a fractional delay: reproduces every polynomial up to the order."""
    begin = math.floor(samples) - order // 2
    nodes = [begin + k for k in range(order + 1)]
    moments = np.array([[(node - samples) ** i for node in nodes] for i in range(order + 1)])
    target = np.zeros(order + 1)
    target[0] = 1.0
    return dict(zip(nodes, np.linalg.solve(moments, target), strict=True))


def circuit_transient(parts, connections, ports, light, probes=(), dt=1.0):
    """Envelopes that leave `ports`, then `probes`, each sample from the waves of all ports at once.

    Each of `parts` is a matrix, (gain, {delay: weight}) of a line, `NaiveModes` or an operation,
    a subclass of `NaiveOperation`. `light` is [port][sample]. What lines return is read from the
    record of all that ever entered them; what operations give is tried until nothing changes.
    """
    sizes = [2 if isinstance(part, tuple) else len(part) for part in parts]
    firsts = [sum(sizes[:i]) for i in range(len(parts))]
    count = sum(sizes)
    partner = {}
    for a, b in connections:
        partner[a], partner[b] = b, a
    record, seen = [], []
    for n in range(len(light[0])):
        system = np.zeros((2 * count, 2 * count), dtype=complex)
        drive = np.zeros(2 * count, dtype=complex)
        for part, first, size in zip(parts, firsts, sizes, strict=True):
            span = slice(first, first + size)
            system[span, count + first : count + first + size] = np.eye(size)
            if isinstance(part, tuple):
                gain, weights = part
                for out in range(2):
                    for delay, weight in weights.items():
                        if delay <= n:
                            drive[first + out] += gain * weight * record[n - delay][first + 1 - out]
            elif isinstance(part, NaiveModes):
                matrix, offset = part.relation(dt)
                system[span, span] = -matrix
                drive[span] = offset
            elif not isinstance(part, NaiveOperation):
                system[span, span] = -np.array(part)
        for port in range(count):
            system[count + port, port] = 1.0
            if port in partner:
                system[count + port, count + partner[port]] = -1.0
        for port, trace in zip(ports, light, strict=True):
            drive[count + port] = trace[n]
        for _ in range(sum(isinstance(part, NaiveOperation) for part in parts)):
            waves = np.linalg.solve(system, drive)
            for part, first, size in zip(parts, firsts, sizes, strict=True):
                if isinstance(part, NaiveOperation):
                    drive[first : first + size] = part.give(waves[first : first + size], n, dt)
        waves = np.linalg.solve(system, drive)
        for part, first, size in zip(parts, firsts, sizes, strict=True):
            if isinstance(part, (NaiveModes, NaiveOperation)):
                part.advance(waves[first : first + size], dt)
        record.append(waves[:count])
        seen.append([waves[count + port] for port in [*ports, *probes]])
    return np.array(seen).T


class NaiveModes:
    """States x of dx/dt = p x + into a, b = D a + out x: by whole matrices."""

    def __init__(self, poles, into, out, direct, reading):
        self.p, self.into, self.out = np.diag(poles), np.array(into), np.array(out)
        self.direct, self.reading = np.array(direct), reading
        self.x = np.zeros(len(poles), dtype=complex)
        self.a = np.zeros(len(direct), dtype=complex)

    def __len__(self):
        return len(self.direct)

    def next(self, dt):
        """(F, G) of x' = F x + G a for a held input, from one matrix exponential."""
        k, n = self.into.shape
        whole = np.zeros((k + n, k + n), dtype=complex)
        whole[:k, :k], whole[:k, k:] = self.p * dt, self.into * dt
        whole = expm(whole)
        return whole[:k, :k], whole[:k, k:]

    def trapezoid(self, dt):
        """(F, G, H): x = F x_before + G a_before + H a, the trapezoidal rule."""
        eye = np.eye(len(self.p))
        left = np.linalg.inv(eye - dt / 2 * self.p)
        return left @ (eye + dt / 2 * self.p), left @ self.into * dt / 2, left @ self.into * dt / 2

    def relation(self, dt):
        """b = matrix a + offset in the present sample."""
        if self.reading == "held":
            return self.direct, self.out @ self.x
        if self.reading == "settled":
            f, g = self.next(dt)
            return self.direct + self.out @ g, self.out @ f @ self.x
        f, g, h = self.trapezoid(dt)
        return self.direct + self.out @ h, self.out @ (f @ self.x + g @ self.a)

    def advance(self, a, dt):
        if self.reading == "bilinear":
            f, g, h = self.trapezoid(dt)
            self.x = f @ self.x + g @ self.a + h @ a
        else:
            f, g = self.next(dt)
            self.x = f @ self.x + g @ a
        self.a = a


class NaiveOperation:
    """An operation of some ports: `give` what leaves, for what enters, without consequences."""

    size = 2

    def __len__(self):
        return self.size

    def advance(self, a, dt):
        pass


class NaiveDetector(NaiveOperation):
    """I = R P/(1 + P/P_sat) + I_d, and noise of S/(4τ) behind the pole τ."""

    def __init__(self, responsivity, saturation_power, dark, charge, thermal, tau, draw=None):
        self.numbers = responsivity, saturation_power, dark, charge, thermal, tau
        self.draw = draw

    def give(self, a, n, dt):
        responsivity, saturation_power, dark, charge, thermal, tau = self.numbers
        power = abs(a[0]) ** 2
        current = responsivity * power / (1 + power / saturation_power) + dark
        if self.draw is not None:
            density = charge * current + thermal
            pole = math.exp(-dt / tau)
            variance = density / (4 * tau) * (1 + pole) / (1 - pole)
            current += math.sqrt(variance) * self.draw(n)[0]
        return [0.0, current]


class NaiveGate(NaiveOperation):
    """What passes either way is multiplied by a function of the drive."""

    size = 3

    def __init__(self, factor):
        self.factor = factor

    def give(self, a, n, dt):
        gate = self.factor(a[2].real)
        return [a[1] * gate, a[0] * gate, 0.0]


class NaiveFunction(NaiveOperation):
    """A function of a voltage."""

    def __init__(self, f):
        self.f = f

    def give(self, a, n, dt):
        return [0.0, self.f(a[0].real)]


class NaiveAmplifier(NaiveOperation):
    """Agrawal and Olsson's gain by an integrator of its own, for light both ways."""

    def __init__(self, h0, saturation_power, alpha, tau, factor, photon, start, draw=None):
        self.numbers = h0, saturation_power, alpha, tau, factor, photon
        self.h, self.draw = start, draw

    def after(self, a, dt):
        h0, saturation_power, _, tau, _, _ = self.numbers
        light = (abs(a[0]) ** 2 + abs(a[1]) ** 2) / saturation_power
        found = solve_ivp(
            lambda _, h: (h0 - h - (np.exp(h) - 1) * light) / tau,
            (0.0, dt),
            [self.h],
            rtol=1e-10,
            atol=1e-12,
        )
        return found.y[0, -1]

    def give(self, a, n, dt):
        _, _, alpha, _, factor, photon = self.numbers
        h = self.after(a, dt)
        gain = np.exp((1 - 1j * alpha) * h / 2)
        noise = [0.0, 0.0]
        if self.draw is not None:
            density = max(factor * math.exp(h) - 1, 0) * photon / 2
            xi = self.draw(n)
            noise = [math.sqrt(density / dt / 2) * (xi[i] + 1j * xi[i + 1]) for i in (2, 0)]
        return [a[1] * gain + noise[0], a[0] * gain + noise[1]]

    def advance(self, a, dt):
        self.h = self.after(a, dt)


class NaiveSource(NaiveOperation):
    """Levels in turn, each for some samples, and white noise."""

    size = 1

    def __init__(self, levels, samples, density=0.0, draw=None, optical=False):
        self.levels, self.samples, self.density = levels, samples, density
        self.draw, self.optical = draw, optical

    def give(self, a, n, dt):
        level = self.levels[n // self.samples % len(self.levels)]
        if self.draw is not None:
            xi = self.draw(n)
            noise = xi[0] + 1j * xi[1] if self.optical else xi[0]
            level = level + math.sqrt(self.density / (2 * dt)) * noise
        return [level]
