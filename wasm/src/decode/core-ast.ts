/** The type of a core value: `i` for i32, `l` i64, `f` f32, `d` f64, `v` v128, `p` funcref, `e` externref; `?` for others, which V8 checks when it links. */
export type CoreValue = string;

/** The type of a core function: its parameters, `>`, its results. */
export type CoreSignature = string;

/** How many pages or elements a memory or table has. */
export interface CoreLimits {
	readonly min: number;
	readonly max: number | undefined;
	/** Whether it is shared, or addressed by 64 bits. */
	readonly flags: number;
}

/** What a core module imports or exports. */
export type CoreItem =
	| {readonly sort: 'core func'; readonly value: CoreSignature}
	| {readonly sort: 'core tag'; readonly value: CoreSignature}
	| {readonly sort: 'core table'; readonly value: CoreLimits & {readonly element: CoreValue}}
	| {readonly sort: 'core memory'; readonly value: CoreLimits}
	| {readonly sort: 'core global'; readonly value: {readonly type: CoreValue; readonly mutable: boolean}};

/** The exports of a core instance. */
export type CoreExports = ReadonlyMap<string, CoreItem>;

/** The type of a core module. */
export interface ModuleType {
	readonly kind: 'module';
	readonly imports: ReadonlyMap<string, CoreExports>;
	readonly exports: CoreExports;
}

/** A core type: a function's, a module's, or one of which nothing is kept. */
export type CoreType = ModuleType | {readonly kind: 'func'; readonly signature: CoreSignature} | {readonly kind: 'other'};
