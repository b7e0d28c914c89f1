import type {Appraisal, Audit, Containers, KernelTypes, Listeners, Networks, Plugins, RuntimeTypes, Volumes} from '@forgeone/wasm';
import {type Static, type TSchema, Type} from 'typebox';
import {DEFAULT_MEMORY, parseSize} from '../config/units.ts';

const U32 = Type.Integer({minimum: 0, maximum: 4_294_967_295});
const U64 = Type.Unsafe<bigint>(Type.Integer({minimum: 0, format: 'uint64'}));
const Time = Type.Unsafe<bigint>(Type.Integer({minimum: 0, format: 'uint64', description: 'milliseconds since 1970'}));
const Claim = Type.Integer({minimum: -128, maximum: 127});
const Text = Type.String({maxLength: 65_536});
const Texts = Type.Array(Text, {maxItems: 4096});
const Path = Type.String({maxLength: 4096});

/** Bytes, as base64. */
export const Bytes = Type.Unsafe<Uint8Array>(Type.String({contentEncoding: 'base64'}));

/** A container's id, the beginning of it, or its name. */
export const ContainerId = Type.String({pattern: '^[a-z0-9][a-z0-9-]{0,62}$'});

export const VolumeName = Type.String({pattern: '^[a-z0-9][a-z0-9._-]{0,62}$'});

export const PluginName = Type.String({pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$'});

export const PluginSource = Path;

export const Limit = Type.Integer({minimum: 0, maximum: 10_000, default: 100});

export const Milliseconds = U32;

export const Sequence = Type.Unsafe<bigint>(Type.Integer({minimum: 0, format: 'uint64', default: 0}));

const Isolation = Type.Enum(['inline', 'thread', 'process', 'sandbox']);
const Restart = Type.Enum(['no', 'on-failure', 'always'], {default: 'no'});
const Mount = Type.Object({source: Path, target: Path, readOnly: Type.Boolean({default: false})}, {additionalProperties: false});
const Protocol = Type.Optional(Type.Enum(['tcp', 'udp']));
const Port = Type.Object(
	{address: Type.String({maxLength: 255, default: '127.0.0.1'}), port: Type.Integer({minimum: 0, maximum: 65_535}), protocol: Protocol},
	{additionalProperties: false},
);

const Store = Type.Object({kind: Type.Enum(['keyvalue', 'blobstore']), name: VolumeName}, {additionalProperties: false});

const Limits = Type.Object(
	{
		memory: Type.Unsafe<bigint>(Type.Integer({minimum: 0, format: 'uint64', default: Number(parseSize(DEFAULT_MEMORY))})),
		timeout: Type.Optional(U64),
		instances: Type.Optional(Type.Integer({minimum: 1, maximum: 1024})),
	},
	{additionalProperties: false, default: {}},
);

const none: never[] = [];

export const Spec = Type.Object(
	{
		name: Type.Optional(ContainerId),
		image: Path,
		digest: Type.Optional(Type.String({pattern: '^sha256:[0-9a-f]{64}$'})),
		arguments: Type.Array(Text, {maxItems: 4096, default: none}),
		environment: Type.Array(Type.Tuple([Text, Text]), {maxItems: 4096, default: none}),
		config: Type.Array(Type.Tuple([Text, Text]), {maxItems: 4096, default: none}),
		mounts: Type.Array(Mount, {maxItems: 256, default: none}),
		publish: Type.Array(Port, {maxItems: 256, default: none}),
		egress: Type.Array(Text, {maxItems: 1024, default: none}),
		routes: Type.Array(Text, {maxItems: 256, default: none}),
		networks: Type.Array(ContainerId, {maxItems: 256, default: none}),
		stores: Type.Optional(Type.Array(Store, {maxItems: 256})),
		limits: Limits,
		isolation: Type.Optional(Isolation),
		restart: Restart,
		attached: Type.Boolean({default: false}),
		interactive: Type.Boolean({default: false}),
		remove: Type.Boolean({default: false}),
	},
	{additionalProperties: false},
);

const Grants = Type.Object({
	mounts: Type.Array(Mount),
	publish: Type.Array(Port),
	egress: Texts,
	routes: Texts,
	networks: Texts,
	stores: Type.Optional(Type.Array(Store)),
	isolation: Isolation,
});

const claims = ['integrity', 'authenticity', 'provenance', 'freshness', 'configuration', 'executables', 'isolation', 'behaviour'] as const;
export const Vector = Type.Object(Object.fromEntries(claims.map(claim => [claim, Claim])) as Record<(typeof claims)[number], typeof Claim>);

export const Evidence = Type.Object(
	{digest: Path, pinned: Type.Optional(Path), imports: Texts, powers: Texts, isolation: Isolation},
	{additionalProperties: false},
);

export const Container = Type.Object({
	id: ContainerId,
	name: Type.String(),
	spec: Spec,
	digest: Type.String(),
	state: Type.Enum(['created', 'running', 'restarting', 'exited']),
	exitCode: Type.Optional(U32),
	reason: Type.Optional(Type.String()),
	created: Time,
	started: Type.Optional(Time),
	finished: Type.Optional(Time),
	restarts: U32,
	owner: Type.String(),
	grants: Grants,
	trust: Vector,
});

export const Usage = Type.Object({cpu: U64, memory: U64, read: U64, written: U64, requests: U64, fuel: U64, instances: U32, dropped: U64});

export const Isolating = Type.Object({isolation: Isolation, lack: Type.Optional(Type.String()), remark: Type.Optional(Type.String())});

export const Output = Type.Object({sequence: U64, time: Time, source: Type.Enum(['stdout', 'stderr']), data: Bytes});

export const Quota = Type.Object({bytes: Type.Optional(U64), inodes: Type.Optional(U64)}, {additionalProperties: false});

export const Volume = Type.Object({
	name: Type.String(),
	created: Time,
	path: Type.String(),
	quota: Quota,
	used: Type.Optional(Type.Object({bytes: U64, inodes: U64})),
});

export const Listener = Type.Object({container: Type.String(), address: Type.String(), port: Type.Integer(), protocol: Protocol});

const GatewayRoute = Type.Object({container: Type.String(), host: Type.Optional(Type.String()), path: Type.String()});

export const Gateway = Type.Object({addresses: Texts, routes: Type.Array(GatewayRoute)});

export const Rules = Type.Array(Text, {maxItems: 1024, default: none});

export const Network = Type.Object({name: ContainerId, egress: Texts, created: Time, containers: Texts});

const Strings = Type.Array(Type.String());

export const Plugin = Type.Object({
	name: Type.String(),
	implementation: Type.Enum(['typescript', 'component']),
	state: Type.Enum(['starting', 'running', 'failed', 'stopped']),
	source: Type.Optional(Type.String()),
	provides: Strings,
	uses: Strings,
	taps: Strings,
	opens: Strings,
	reason: Type.Optional(Type.String()),
	artefact: Type.Optional(Type.Object({digest: Type.String(), memory: U64, fuel: U64})),
});

export const Entry = Type.Object({
	time: Time,
	subject: Type.String(),
	action: Type.String(),
	object: Type.String(),
	allowed: Type.Boolean(),
	reason: Type.String(),
});

export const Info = Type.Object({
	version: Type.String(),
	node: Type.String(),
	pid: Type.Integer(),
	mode: Type.Enum(['development', 'production']),
	state: Type.String({description: 'the state folder'}),
});

export const Failure = Type.Object({code: Type.String(), message: Type.String(), remedy: Type.String()});

/** Holds only where each schema has exactly the type that the WIT declares. */
type Same<S extends TSchema, T> = Static<S> extends T ? (T extends Static<S> ? true : never) : never;

const agreement: [
	Same<typeof Spec, RuntimeTypes.Spec>,
	Same<typeof Container, Containers.Container>,
	Same<typeof Output, Containers.Output>,
	Same<typeof Usage, Containers.Usage>,
	Same<typeof Isolating, Containers.Isolating>,
	Same<typeof Volume, Volumes.Volume>,
	Same<typeof Listener, Listeners.Listener>,
	Same<typeof Gateway, Listeners.Ingress>,
	Same<typeof Network, Networks.Network>,
	Same<typeof Plugin, Plugins.Plugin>,
	Same<typeof Entry, Audit.Entry>,
	Same<typeof Evidence, Appraisal.Evidence>,
	Same<typeof Vector, Appraisal.Vector>,
	Same<typeof Failure, KernelTypes.Failure>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true];
void agreement;
