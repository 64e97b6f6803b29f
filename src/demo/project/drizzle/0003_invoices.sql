CREATE TABLE `invoices` (
	`id` integer PRIMARY KEY NOT NULL,
	`team_id` integer NOT NULL,
	`number` text NOT NULL,
	`month` text NOT NULL,
	`sent_at` text,
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invoices_number_idx` ON `invoices` (`number`);