import type {CoreType} from './core-ast.ts';

/** The sorts of thing that have an index space of their own. */
export type CoreSort =
	| 'core func'
	| 'core table'
	| 'core memory'
	| 'core global'
	| 'core tag'
	| 'core type'
	| 'core module'
	| 'core instance';
/** The sorts of a component, core ones among them. */
export type Sort = CoreSort | 'func' | 'value' | 'type' | 'component' | 'instance';

/** A primitive value type, by its name in WIT. */
export type Primitive =
	| 'bool'
	| 's8'
	| 'u8'
	| 's16'
	| 'u16'
	| 's32'
	| 'u32'
	| 's64'
	| 'u64'
	| 'f32'
	| 'f64'
	| 'char'
	| 'string'
	| 'error-context';

/** A value type: a primitive, or the index of a type in the scope where it is written. */
export type ValueRef = Primitive | number;

/** A label and a type. */
export type Labelled = readonly [label: string, type: ValueRef];

/** What a type section or a type declaration defines. */
export type TypeDef =
	| {readonly kind: 'primitive'; readonly type: Primitive}
	| {readonly kind: 'record'; readonly fields: readonly Labelled[]}
	| {readonly kind: 'variant'; readonly cases: readonly (readonly [label: string, type: ValueRef | undefined])[]}
	| {readonly kind: 'list'; readonly element: ValueRef; readonly length: number | undefined}
	| {readonly kind: 'tuple'; readonly items: readonly ValueRef[]}
	| {readonly kind: 'flags' | 'enum'; readonly labels: readonly string[]}
	| {readonly kind: 'option'; readonly some: ValueRef}
	| {readonly kind: 'result'; readonly ok: ValueRef | undefined; readonly err: ValueRef | undefined}
	| {readonly kind: 'own' | 'borrow'; readonly resource: number}
	| {readonly kind: 'stream' | 'future'; readonly element: ValueRef | undefined}
	| {readonly kind: 'map'; readonly key: ValueRef; readonly value: ValueRef}
	| {readonly kind: 'resource'; readonly dtor: number | undefined}
	| FuncDef
	| {readonly kind: 'component'; readonly defs: readonly Def[]}
	| {readonly kind: 'instance'; readonly defs: readonly Def[]};

/** A function's type as written. */
export interface FuncDef {
	readonly kind: 'func';
	readonly params: readonly Labelled[];
	readonly result: ValueRef | undefined;
	readonly async: boolean;
}

/** The type of an import or of an export as written: a sort and the index of its type, or a bound on a type. */
export type ExternDef =
	| {readonly sort: 'core module' | 'func' | 'component' | 'instance'; readonly type: number}
	| {readonly sort: 'type'; readonly eq: number | undefined}
	| {readonly sort: 'value'};

/** A named thing of one of the index spaces. */
export type Named = readonly [name: string, sort: Sort, index: number];

/** The options of a canonical function. */
export interface CanonOptions {
	readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
	readonly memory: number | undefined;
	readonly realloc: number | undefined;
	readonly postReturn: number | undefined;
	readonly async: boolean;
	readonly callback: number | undefined;
}

/** The canonical functions of the async ABI, by their names in text. */
export type Builtin =
	| 'task.return'
	| 'task.cancel'
	| 'subtask.cancel'
	| 'subtask.drop'
	| 'backpressure.set'
	| 'backpressure.inc'
	| 'backpressure.dec'
	| 'context.get'
	| 'context.set'
	| 'thread.yield'
	| 'waitable-set.new'
	| 'waitable-set.wait'
	| 'waitable-set.poll'
	| 'waitable-set.drop'
	| 'waitable.join'
	| 'error-context.new'
	| 'error-context.debug-message'
	| 'error-context.drop'
	| `${'stream' | 'future'}.${'new' | 'read' | 'write' | 'cancel-read' | 'cancel-write' | 'drop-readable' | 'drop-writable'}`;

/** A canonical function of the async ABI; what it does not take has the value of none. */
export interface BuiltinDef {
	readonly op: 'builtin';
	readonly name: Builtin;
	/** The stream's or future's type. */
	readonly type: number | undefined;
	/** What `task.return` takes. */
	readonly result: ValueRef | undefined;
	readonly options: CanonOptions;
	/** Whether it reports that it would block, rather than block. */
	readonly async: boolean;
	/** Which slot of the thread's context. */
	readonly slot: number;
}

/** A canonical function. */
export type CanonDef =
	| {readonly op: 'lift'; readonly func: number; readonly type: number; readonly options: CanonOptions}
	| {readonly op: 'lower'; readonly func: number; readonly options: CanonOptions}
	| {readonly op: 'resource.new'; readonly resource: number}
	| {readonly op: 'resource.drop'; readonly resource: number}
	| {readonly op: 'resource.rep'; readonly resource: number}
	| BuiltinDef;

/** One definition, in the order of the file; each adds to the index spaces. Plain data: it can be cloned to another thread. */
export type Def =
	| {readonly op: 'core module'; readonly module: number}
	| {readonly op: 'core instantiate'; readonly module: number; readonly args: readonly (readonly [name: string, instance: number])[]}
	| {readonly op: 'core bundle'; readonly exports: readonly Named[]}
	| {readonly op: 'core type'; readonly type: CoreType}
	| {readonly op: 'component'; readonly component: ComponentNode}
	| {readonly op: 'instantiate'; readonly component: number; readonly args: readonly Named[]}
	| {readonly op: 'bundle'; readonly exports: readonly Named[]}
	| {readonly op: 'alias export'; readonly sort: Sort; readonly instance: number; readonly name: string}
	| {readonly op: 'alias core export'; readonly sort: CoreSort; readonly instance: number; readonly name: string}
	| {readonly op: 'alias outer'; readonly sort: Sort; readonly count: number; readonly index: number}
	| {readonly op: 'type'; readonly type: TypeDef}
	| CanonDef
	| {readonly op: 'import'; readonly name: string; readonly type: ExternDef}
	| {readonly op: 'export'; readonly name: string; readonly sort: Sort; readonly index: number; readonly type: ExternDef | undefined}
	| {readonly op: 'declare'; readonly name: string; readonly type: ExternDef};

/** A component as decoded. */
export interface ComponentNode {
	readonly defs: readonly Def[];
}

/** The limits of a memory that a core module defines, in pages of 64 KiB, or of a table, in elements. */
export interface Bounds {
	readonly min: number;
	readonly max: number | undefined;
	/** It begins as large as it can get. */
	readonly whole?: true;
}

/** What the linker knows of a core module: `memories` and `tables` are imported from `host` under their number, so that limits are set when it is instantiated. */
export interface ModuleNode {
	readonly host: string;
	/** Whether it also imports `fuel` and `length` from there, and takes from the one. */
	readonly metered: boolean;
	readonly memories: readonly Bounds[];
	readonly tables: readonly (Bounds & {readonly element: 'anyfunc' | 'externref'})[];
}
