import type {Server as Listening} from 'node:net';
import {contract, hook, type Identity} from '@forgeone/core';
import type {
	Admission,
	Appraisal,
	Attachment,
	Audit,
	Calls,
	Containers,
	Egress,
	KernelTypes,
	Listeners,
	LogSink,
	Middleware,
	Networks,
	Principals,
	Store,
	Volumes,
} from '@forgeone/wasm';

/** An interface whose functions give out identities, which a kernel made. */
type Minting<T> = {[K in keyof T]: T[K] extends (...args: infer A) => KernelTypes.Identity ? (...args: A) => Identity : T[K]};

/** Who somebody is. */
export const principals = contract<Minting<typeof Principals>>('forgeone:security/principals@0.1.0');

/** The record of every decision. */
export const audit = contract<typeof Audit>('forgeone:security/audit@0.1.0');

/** What is known about an artifact on this machine. */
export const appraisal = contract<typeof Appraisal>('forgeone:security/appraisal@0.1.0');

/** Keys and values, each caller its own. */
export const store = contract<typeof Store>('forgeone:storage/store@0.1.0');

/** Folders that outlive the containers which write them. */
export const volumes = contract<typeof Volumes>('forgeone:storage/volumes@0.1.0');

/** Where containers listen. */
export const listeners = contract<typeof Listeners>('forgeone:network/listeners@0.1.0');

/** Virtual networks between containers. */
export const networks = contract<typeof Networks>('forgeone:network/networks@0.1.0');

/** What a container may reach. */
export const egress = contract<typeof Egress>('forgeone:network/egress@0.1.0');

/** Components that run in cells of their own. */
export const containers = contract<typeof Containers>('forgeone:runtime/containers@0.1.0');

/** The resource `call` of the WIT as the kernel has it: its functions may answer later. */
export type KernelCall = {
	readonly [K in keyof Calls.Call]: (...args: Parameters<Calls.Call[K]>) => ReturnType<Calls.Call[K]> | Promise<ReturnType<Calls.Call[K]>>;
} & {
	/**
	 * Has all that is said in this call, which a cell has opened, go on to `to`, which the kernel has, and back, as fast as it is read at the
	 * other end; neither was read or written before. `answer` makes of the answer of `to` that of this call; `failed`, of why there is none, the
	 * reason for which this call is cancelled. Settles once this call is over; at once, with false, where the two can not be joined, and then
	 * nothing was done. A call that somebody stands in has no such way.
	 */
	join?(to: KernelCall, through: {answer(head: string): string; failed(error: unknown): string}): Promise<boolean>;
};

/** The resource `listener` of the WIT as the kernel has it: its functions may answer later, and what listens can be handed to a process. */
export type KernelListener = {
	readonly [K in keyof Attachment.Listener]: () => void | Promise<void>;
} & {
	/** What may be handed to a process now, which `back` takes from it again, at any time; undefined where the kernel keeps it. */
	lend(back: () => Promise<void>): Listening | undefined;
};

/** Calls into containers that serve. */
export const handlers = contract<{open(container: string, head: string): KernelCall}>('forgeone:runtime/handlers@0.1.0');

/** Whose is a call that a cell half has opened? */
export const calls = hook<{take(container: string, plugin: string, call: KernelCall): boolean | undefined}>(
	'forgeone:runtime/calls@0.1.0',
	{take: 'bail'},
);

/** May this container be? A tap that refuses has the last word. */
export const admission = hook<typeof Admission>('forgeone:runtime/admission@0.1.0', {admit: 'waterfall'});

/** What subsystems give to a container, and take back. */
export const attachment = hook<typeof Attachment>('forgeone:runtime/attachment@0.1.0', {attach: 'waterfall', detach: 'series'});

/** What a component may spend on a call in the path of others, which wait for it: about a twentieth of a second. */
const BRIEF = 50_000_000;

/** HTTP on its way to a container, and back. */
export const middleware = hook<typeof Middleware>(
	'forgeone:network/middleware@0.1.0',
	{onRequest: 'waterfall', onResponse: 'waterfall'},
	BRIEF,
);

/** What containers write to their output. */
export const logSink = hook<typeof LogSink>('forgeone:runtime/log-sink@0.1.0', {write: 'parallel'}, BRIEF);
