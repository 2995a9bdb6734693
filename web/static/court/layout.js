/**
 * Where everybody sits on the stage. Pure: a view goes in, cells come out.
 * Rule: the seating of the courtroom (procurator left and counsel right, plaintiff left and respondent right, same
 * height and size); seats keep their cell, only the stand changes hands.
 */

/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Seat} Seat */
/** @typedef {'room' | 'desk' | 'phone-party' | 'phone-bench' | 'phone-clerk'} Form */
/**
 * @typedef {object} Cell
 * @property {'seat' | 'witnesses' | 'ghost'} kind
 * @property {string} key
 * @property {string} seat       the first seat of the cell, or ''
 * @property {string[]} seats    everybody in this picture (one room camera may show several)
 * @property {string} area       CSS grid-area; '' when the cell is not shown in this form
 * @property {'stand' | 'panel' | 'side' | 'small' | 'mini'} size
 */

// The stage is a grid of 60 by 60 lines: halves, thirds, quarters and fifths all fall on a line.
const LINES = 60;

const PANEL = ['presiding_judge', 'judge', 'assessor'];
const FACING = {
  criminal: {left: ['procurator'], right: ['defence_counsel']},
  civil: {left: ['plaintiff'], right: ['respondent']},
  administrative: {left: ['claimant_admin'], right: ['respondent_admin']},
};
const CRIMINAL_LEFT = ['victim', 'civil_plaintiff_crim', 'civil_defendant_crim', 'rights_protector'];
const CRIMINAL_RIGHT = ['defendant', 'detention_officer'];
const NO_TILE = [
  'public', 'press', 'court_chief', 'admin_clerk', 'tech_support', 'court_police', 'reserve_judge', 'reserve_assessor',
];

/** @param {View} view */
function rules(view) {
  return FACING[/** @type {keyof typeof FACING} */ (view.hearing.procedure)] ?? FACING.civil;
}

/** @param {View} view */
export function isCriminal(view) {
  return rules(view) === FACING.criminal;
}

/** Who is kept apart until called: they have a card, not a tile.
 * @param {View} view */
export function witnesses(view) {
  return view.seats.filter((seat) => seat.role === 'witness' && seat.place !== 'courtroom');
}

/** Only those who may call a witness or keep the roll see the card of the witness room.
 * @param {View} view */
function staff(view) {
  return [...PANEL, 'clerk'].includes(view.you.role);
}

/** @param {View} view */
function seated(view) {
  return view.seats.filter((seat) => {
    if (seat.id === view.you.seat) return true;
    if (seat.role === 'witness') return seat.place === 'courtroom';
    return !NO_TILE.includes(seat.role) || (seat.place === 'courtroom' && seat.connected);
  });
}

/**
 * Whose seat the stand is when nobody has been called to it.
 * @param {View} view
 * @param {Seat[]} seats
 */
function regular(view, seats) {
  if (!isCriminal(view)) return null;
  const defendant = seats.find((seat) => seat.role === 'defendant');
  return defendant && defendant.id !== view.you.seat ? defendant : null;
}

/**
 * The person at the stand: who answers, else who speaks; for the one who answers, the person who asks.
 * @param {View} view
 * @param {Seat[]} seats
 */
function standing(view, seats) {
  const find = (/** @type {string | null | undefined} */ id) => seats.find((seat) => seat.id === id) ?? null;
  const me = view.you.seat;
  const called = view.floor
    ? [find(view.floor.answering), find(view.floor.seat)].find((seat) => seat && seat.id !== me) ?? null
    : null;
  const home = regular(view, seats);
  const presiding = seats.find((seat) => seat.role === 'presiding_judge' && seat.id !== me);
  if (called && (!home || !PANEL.includes(called.role))) return called;
  return home ?? presiding ?? seats.find((seat) => seat.id !== me) ?? find(me);
}

/**
 * Pictures that show several seats: first seat -> all of them.
 * @param {View} view
 * @param {Seat[]} seats
 */
function shared(view, seats) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  const known = new Set(seats.map((seat) => seat.id));
  for (const source of view.sources) {
    const together = source.kind === 'camera' ? source.seats.filter((id) => known.has(id)) : [];
    if (together.length > 1 && !groups.has(together[0])) groups.set(together[0], together);
  }
  return groups;
}

/**
 * @param {number} top
 * @param {number} left
 * @param {number} bottom
 * @param {number} right
 */
function area(top, left, bottom, right) {
  return `${top + 1} / ${left + 1} / ${bottom + 1} / ${right + 1}`;
}

/**
 * @param {View} view
 * @param {Form} form
 * @returns {Cell[]}
 */
export function layout(view, form) {
  const everybody = seated(view);
  const groups = shared(view, everybody);
  const covered = new Set([...groups.values()].flatMap((together) => together.slice(1)));
  const seats = everybody.filter((seat) => !covered.has(seat.id));
  const stand = standing(view, seats);
  const areas = form === 'room' ? room(view, seats, stand) : small(view, seats, stand, form);
  /** @type {Cell[]} */
  const cells = seats.map((seat) => ({
    kind: 'seat', key: seat.id, seat: seat.id, seats: groups.get(seat.id) ?? [seat.id],
    area: areas.get(seat.id) ?? '',
    size: seat === stand ? 'stand' : form.startsWith('phone') ? 'mini' : form !== 'room' ? 'small' : PANEL.includes(seat.role) ? 'panel' : 'side',
  }));
  const card = areas.get('#witnesses');
  if (card) cells.push({kind: 'witnesses', key: '#witnesses', seat: '', seats: [], area: card, size: 'side'});
  const ghost = areas.get('#ghost');
  if (ghost && stand) {
    cells.push({kind: 'ghost', key: '#ghost', seat: stand.id, seats: [stand.id], area: ghost, size: 'side'});
  }
  return cells;
}

/**
 * Everybody's home: the panel above, one column on each side, sorted as they sit.
 * @param {View} view
 * @param {Seat[]} seats
 */
function homes(view, seats) {
  const facing = rules(view);
  const criminal = isCriminal(view);
  const panel = seats.filter((seat) => PANEL.includes(seat.role));
  const presiding = panel.findIndex((seat) => seat.role === 'presiding_judge');
  if (presiding >= 0) panel.splice(Math.floor((panel.length - 1) / 2), 0, ...panel.splice(presiding, 1));
  const rest = seats.filter((seat) => !panel.includes(seat));
  const take = (/** @type {(seat: Seat) => boolean} */ test) => {
    const taken = rest.filter(test);
    for (const seat of taken) rest.splice(rest.indexOf(seat), 1);
    return taken;
  };
  const clerk = take((seat) => seat.role === 'clerk');
  const beside = criminal ? [] : take((seat) => seat.role === 'procurator');
  const left = take((seat) => facing.left.includes(seat.role));
  const right = take((seat) => facing.right.includes(seat.role));
  const above = criminal ? take((seat) => CRIMINAL_LEFT.includes(seat.role)) : [];
  if (criminal) {
    right.push(...take((seat) => seat.role === CRIMINAL_RIGHT[0]), ...take((seat) => seat.role === CRIMINAL_RIGHT[1]));
    left.push(...above.splice(1));
  }
  // Companions sit on the side of the person they accompany, else at the side with that point, else where there is room.
  for (const seat of rest) {
    const side = [left, right].find((one) => one.some((other) => other.id === seat.accompanies))
      ?? [left, right].find((one) => one.some((other) => seat.point === other.point && other.point !== centre(view)));
    (side ?? (left.length <= right.length ? left : right)).push(seat);
  }
  return {panel, clerk, beside, above, left, right};
}

/** @param {View} view */
function centre(view) {
  return view.points.find((point) => point.kind === 'central')?.id;
}

/**
 * @param {View} view
 * @param {Seat[]} seats
 * @param {Seat | null} stand
 */
function room(view, seats, stand) {
  const home = homes(view, seats);
  const owner = regular(view, seats);
  /** @type {(id: string | undefined) => boolean} */
  const standing = (id) => id !== undefined && id === stand?.id;
  const swap = (/** @type {Seat[]} */ column) => column.map((seat) => {
    if (!standing(seat.id)) return seat.id;
    return owner && owner !== stand ? owner.id : '#ghost';
  });
  const inSide = [home.left, home.right, home.above, home.clerk, home.beside].some((c) => stand && c.includes(stand));
  const away = (/** @type {Seat} */ seat) => seat === owner && (stand === owner || inSide);
  const left = swap(home.left.filter((seat) => !away(seat)));
  const right = swap(home.right.filter((seat) => !away(seat)));
  const above = swap(home.above);
  const beside = swap(home.beside);
  const clerk = swap(home.clerk);
  if (staff(view) && witnesses(view).length) left.splice(Math.min(left.length, 1), 0, '#witnesses');
  const panel = home.panel.filter((seat) => !standing(seat.id)).map((seat) => seat.id);

  /** @type {Map<string, string>} */
  const areas = new Map();
  const rows = Math.min(6, 1 + Math.max(2, left.length, right.length));
  const line = (/** @type {number} */ row) => Math.round((row * LINES) / rows);
  const corner = above.length ? 15 : 0;
  areas.set(above[0] ?? '', area(0, 0, line(1), 15));
  const besideEdge = beside.length ? 30 : 45;
  if (beside.length) areas.set(beside[0], area(0, 30, line(1), 45));
  if (clerk.length) areas.set(clerk[0], area(0, 45, line(1), LINES));
  const edge = clerk.length ? besideEdge : LINES;
  panel.forEach((id, index) => {
    const step = (edge - corner) / panel.length;
    areas.set(id, area(0, Math.round(corner + index * step), line(1), Math.round(corner + (index + 1) * step)));
  });
  for (const [column, from, to] of /** @type {const} */ ([[left, 0, 15], [right, 45, LINES]])) {
    column.slice(0, rows - 1).forEach((id, index, all) => {
      const last = index === all.length - 1 && index > 0;
      areas.set(id, area(line(1 + index), from, last ? LINES : line(2 + index), to));
    });
  }
  if (stand) {
    const top = panel.length || beside.length ? line(1) : 0;
    areas.set(stand.id, area(top, left.length ? 15 : 0, LINES, right.length ? 45 : LINES));
  }
  areas.delete('');
  return areas;
}

/**
 * A handful of tiles for narrow places, those who matter most to the viewer first.
 * @param {View} view
 * @param {Seat[]} seats
 * @param {Seat | null} stand
 * @param {Form} form
 */
function small(view, seats, stand, form) {
  const home = homes(view, seats);
  const panel = home.panel.find((seat) => seat.role === 'presiding_judge') ?? home.panel[0];
  const own = seats.find((seat) => seat.id === view.you.seat);
  const sides = [home.left[0], home.right[0]];
  const wanted = {
    'phone-party': [panel, own === home.right[0] ? home.left[0] : home.right[0], own],
    'phone-bench': sides,
    'phone-clerk': sides,
    desk: [panel, ...sides, ...home.above, ...home.right.slice(1), ...home.left.slice(1)],
    room: [],
  }[form];
  const others = [...new Set([...wanted, panel, ...sides, ...seats])].filter((seat) => seat && seat !== stand);
  /** @type {Map<string, string>} */
  const areas = new Map();
  const put = (/** @type {Seat | undefined} */ seat, /** @type {string} */ where) => {
    if (seat) areas.set(seat.id, where);
  };
  if (form === 'phone-party') {
    put(stand ?? undefined, area(0, 0, 41, LINES));
    for (const n of [0, 1, 2]) put(others[n], area(41, n * 20, LINES, n * 20 + 20));
  } else if (form === 'phone-bench') {
    put(stand ?? undefined, area(0, 0, LINES, 40));
    for (const n of [0, 1]) put(others[n], area(n * 30, 40, n * 30 + 30, LINES));
  } else if (form === 'phone-clerk') {
    put(stand ?? undefined, area(0, 0, LINES, 24));
    for (const n of [0, 1]) put(others[n], area(0, 24 + n * 18, LINES, 42 + n * 18));
  } else {
    put(stand ?? undefined, area(0, 0, 28, LINES));
    const shown = others.slice(0, 4);
    const lines = Math.max(1, Math.ceil(shown.length / 2));
    shown.forEach((seat, n) => {
      const [row, column] = [Math.floor(n / 2), n % 2];
      const height = 32 / lines;
      const wide = n === shown.length - 1 && column === 0;
      put(seat, area(
        Math.round(28 + row * height), column * 30,
        Math.round(28 + (row + 1) * height), wide ? LINES : column * 30 + 30,
      ));
    });
  }
  return areas;
}
