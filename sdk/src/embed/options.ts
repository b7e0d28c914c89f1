import type {Contract, ForgeError, Log, PluginEntry} from '@forgeone/core';
import type {Offer} from './offer.ts';
import type {PluginLimits} from './running.ts';

/** What a plugin may use: what `offer` made, or a contract of a subsystem. */
export type Offered = Offer | Contract;

/** What is said of one plugin: its limits one by one in place of those of all, its offers on top of them. */
export interface PluginOptions {
	readonly limits?: PluginLimits;
	readonly offers?: readonly Offered[];
	readonly config?: unknown;
	/** Whether it may be a module: one can do all that the program can, and only `time` holds for it. */
	readonly trusted?: boolean;
}

/** How plugins live in a program. */
export interface EmbedOptions {
	/** For every plugin. */
	readonly limits?: PluginLimits;
	/** What every plugin may use; nothing where it says nothing. */
	readonly offers?: readonly Offered[];
	/** By name. */
	readonly plugins?: Readonly<Record<string, PluginOptions>>;
	/** Plugins of the program's own choice, whose contracts can be offered: to each plugin in its own name. */
	readonly subsystems?: Readonly<Record<string, PluginEntry>>;
	/** The folder for what subsystems and modules keep; without it, there is none. */
	readonly state?: string;
	/** Whether files that come, change and go in the folder are taken up at once, and not only by `scan`. */
	readonly watch?: boolean;
	/** Told each time that a plugin can not start or be replaced, or fails when a hook reaches it; by default a warning of the process, once for each code. */
	readonly failed?: (error: ForgeError, plugin: string) => void;
	readonly log?: Log;
}
