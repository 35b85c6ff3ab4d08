import Type from 'typebox';

/** Rates are numbers in megabits per second (10⁶ bit/s), times in seconds or ms as the name says. */
const Mbit = Type.Number({ exclusiveMinimum: 0, maximum: 1e9 });
const Ms = Type.Number({ minimum: 0, maximum: 60_000 });
const Seconds = Type.Number({ minimum: 0, maximum: 1e7 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
/** The part of a rate that carries payload: loss, retransmissions and headers take the rest. */
const Goodput = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
/** Without control characters: it is shown on terminals. */
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^\\P{Cc}*$' });
const closed = { additionalProperties: false };

/** A time without something; to the end when `to` is missing. */
const Outage = Type.Object({ from: Seconds, to: Type.Optional(Seconds) }, closed);
const Outages = Type.Array(Outage, { maxItems: 100 });

const Content = Type.Object(
  {
    pieces: Type.Integer({ minimum: 1, maximum: 100_000 }),
    pieceBytes: Type.Optional(Type.Integer({ minimum: 16_384, maximum: 1 << 30 })),
  },
  closed,
);

const Source = Type.Object(
  {
    mbit: Mbit,
    perConnectionMbit: Type.Optional(Mbit),
    /** Requests served at once; more wait. */
    maxConnections: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    goodput: Type.Optional(Goodput),
    /** One way between the source and the edge of the Internet that a site reaches in `wanMs`. */
    latencyMs: Type.Optional(Ms),
    /** It ignores ranges and only streams from the start. */
    sequential: Type.Optional(Type.Boolean()),
    down: Type.Optional(Outages),
  },
  closed,
);

const Cloud = Type.Object({ latencyMs: Type.Optional(Ms), down: Type.Optional(Outages) }, closed);

const Cache = Type.Object(
  {
    /** How fast it serves. */
    mbit: Mbit,
    /** How fast it fills, beside the site's line. */
    fillMbit: Type.Optional(Mbit),
    maxConnections: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    down: Type.Optional(Outages),
  },
  closed,
);

const Site = Type.Object(
  {
    name: Name,
    /** So many sites like this. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
    /** The line that all of the site share; without, it never limits. */
    downMbit: Type.Optional(Mbit),
    upMbit: Type.Optional(Mbit),
    goodput: Type.Optional(Goodput),
    /** One way between two devices of the site. */
    lanMs: Type.Optional(Ms),
    /** One way from a device to the edge of the Internet. */
    wanMs: Type.Optional(Ms),
    cache: Type.Optional(Cache),
    /** When its devices do not reach the cloud. */
    cloudDown: Type.Optional(Outages),
  },
  closed,
);

const Leave = Type.Object(
  {
    at: Seconds,
    /** What part of these devices leaves. */
    share: Type.Optional(Share),
    /** They come back, with the pieces they had. */
    backAfter: Type.Optional(Seconds),
    /** They close no connection and tell nobody: a power cut. */
    silent: Type.Optional(Type.Boolean()),
  },
  closed,
);

const Devices = Type.Object(
  {
    /** Name of their site or sites. */
    site: Name,
    /** On each of the sites. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000 })),
    downMbit: Mbit,
    upMbit: Mbit,
    goodput: Type.Optional(Goodput),
    startSeconds: Type.Optional(Seconds),
    /** From one device to the next. */
    everySeconds: Type.Optional(Seconds),
    /** What part of the pieces they have at the start, by chance. */
    has: Type.Optional(Share),
    mode: Type.Optional(Type.Enum(['CdnOnly', 'Lan', 'Group', 'Internet'])),
    /** Devices of one group find each other across sites. */
    group: Type.Optional(Name),
    foreground: Type.Optional(Type.Boolean()),
    behaviour: Type.Optional(Type.Enum(['honest', 'corrupts', 'chokes', 'stalls', 'claims'])),
    leaves: Type.Optional(Type.Array(Leave, { maxItems: 100 })),
  },
  closed,
);

/** As in the agent unless the scenario says otherwise. */
const Limits = Type.Object(
  {
    members: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    incoming: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
    slots: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    turnMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000 })),
    maxFetches: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  },
  closed,
);

const Model = Type.Object(
  {
    /** The grain of the clock: a device acts once in it at most. */
    stepMs: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1_000 })),
    /** The run ends then even if somebody is not complete. */
    maxSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e7 })),
    /** How fast a device checks and writes pieces. */
    verifyMbit: Type.Optional(Mbit),
    /** Bytes in flight of one connection: with the round trip they limit its rate. */
    windowBytes: Type.Optional(Type.Integer({ minimum: 16_384, maximum: 1 << 30 })),
  },
  closed,
);

const Limit = Type.Optional(Type.Number({ minimum: 0 }));

/** What the run must keep; each is a limit from above unless the name says `min`. */
const Expect = Type.Object(
  {
    p50Ratio: Limit,
    p95Ratio: Limit,
    p99Ratio: Limit,
    p999Ratio: Limit,
    lastRatio: Limit,
    lastSeconds: Limit,
    sourceCopies: Limit,
    /** Copies from the source over the line of any one site. */
    siteCopies: Limit,
    /** Bytes that came twice or in vain, as a part of all that came. */
    duplicates: Limit,
    /** The longest time of a device as a multiple of what HTTP alone would take it. */
    toHttpAlone: Limit,
    minPeerShare: Limit,
    minCacheShare: Limit,
    minFairness: Limit,
    /** Devices that need not be complete at the end. */
    incomplete: Limit,
  },
  closed,
);

/** A scenario of the simulator, as its JSON file has it. */
export const ScenarioSchema = Type.Object(
  {
    name: Name,
    description: Type.Optional(Type.String({ maxLength: 2_000 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff })),
    content: Content,
    source: Source,
    cloud: Type.Optional(Cloud),
    sites: Type.Array(Site, { minItems: 1, maxItems: 1_000 }),
    devices: Type.Array(Devices, { minItems: 1, maxItems: 1_000 }),
    limits: Type.Optional(Limits),
    model: Type.Optional(Model),
    expect: Type.Optional(Expect),
  },
  closed,
);

export type Scenario = Type.Static<typeof ScenarioSchema>;
export type SiteSpec = Type.Static<typeof Site>;
export type DeviceSpec = Type.Static<typeof Devices>;
export type Outage = Type.Static<typeof Outage>;
export type Expectations = Type.Static<typeof Expect>;
