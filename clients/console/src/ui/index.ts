/** The components that pages are made of. */
export { Badge } from "./badge.tsx";
export { Button, ButtonLink, type ButtonKind, type ButtonProps } from "./button.tsx";
export { confirm, CopyButton, Dialog, Questions, type DialogProps } from "./dialog.tsx";
export { Checkbox, Field, SelectField, TextField, type Choice, type TextFieldProps } from "./field.tsx";
export { Icon, type IconName } from "./icons.tsx";
export { Meter, Progress, type MeterProps } from "./meter.tsx";
export { Facts, PageHeader, Section } from "./page.tsx";
export { Pager, usePages, type PagedList } from "./pager.tsx";
export { EmptyState, ErrorMessage, fieldErrors, Loading, Note, sentenceOf } from "./states.tsx";
export { Table, type Column, type TableProps } from "./table.tsx";
export { toast, Toasts, type ToastOptions } from "./toast.tsx";
