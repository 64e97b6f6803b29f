-- An order without a due date would never be reminded of.
SELECT `id` FROM `orders` WHERE `due_date` IS NULL LIMIT 20;
