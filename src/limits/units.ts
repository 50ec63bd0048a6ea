/** Units of the bounds beside: bounds of memory are in bytes, unless said otherwise. */
export const KiB = 1024;
export const MiB = 1024 * KiB;
