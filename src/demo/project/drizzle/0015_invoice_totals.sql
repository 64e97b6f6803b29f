ALTER TABLE `invoices` ADD `total_cents` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE `invoices` ADD `orders` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
UPDATE `invoices` SET (`total_cents`, `orders`) = (
	SELECT coalesce(sum(`net_cents` + `tax_cents`), 0), count(*) FROM `orders`
	WHERE `orders`.`team_id` = `invoices`.`team_id` AND substr(`orders`.`created_at`, 1, 7) = `invoices`.`month`
);
--> statement-breakpoint
CREATE INDEX `invoices_team_month_idx` ON `invoices` (`team_id`, `month`);
